/**
 * Strict turns: a conversation rewritten for servers whose chat templates take less than OpenAI's
 * API does: roles that alternate, no system role, no developer role, text alone. What is said stays
 * said; only who says it, and in how many turns, changes.
 * @module
 */
import { type Message, messageText } from "./chat_request.ts";

type Content = Message["content"];

const isInstruction = ({ role }: Message): boolean => role === "system" || role === "developer";

const asUserTurn = (message: Message): Message =>
  isInstruction(message) ? { ...message, role: "user" } : message;

/** How many turns stand before the first that is no instruction. */
function instructionsBefore(messages: readonly Message[]): number {
  const at = messages.findIndex((message) => !isInstruction(message));
  return at < 0 ? messages.length : at;
}

/** Developer turns as system turns. */
export function withoutDeveloper(messages: readonly Message[]): Message[] {
  return messages.map((each) => each.role === "developer" ? { ...each, role: "system" } : each);
}

/** System and developer turns as user turns; those at the start become part of the first one. */
export function withoutSystem(messages: readonly Message[]): Message[] {
  const asUser = messages.map(asUserTurn);
  const start = instructionsBefore(messages);
  const end = asUser[start]?.role === "user" ? start + 1 : start;
  return [...merged(asUser.slice(0, end)), ...asUser.slice(end)];
}

/**
 * At most one system turn, first; then user and assistant in turn, the user first. Neighbours of
 * one role become one turn; later system turns are the user's. Tool turns stay as they are.
 */
export function withAlternatingRoles(messages: readonly Message[]): Message[] {
  const start = instructionsBefore(messages);
  const turns = merged(messages.slice(start).map(asUserTurn));
  // A template that counts turns wants the user's first; front ends may open with a greeting.
  const opening: Message[] = turns[0]?.role === "assistant"
    ? [{ role: "user", content: "(The assistant begins.)" }]
    : [];
  const instructions = messages.slice(0, start).map((each) => ({
    ...each,
    role: messages[0]!.role,
  }));
  return [...merged(instructions), ...opening, ...turns];
}

/** Whether any turn has a part of one of these types. */
export function hasParts(messages: readonly Message[], types: ReadonlySet<string>): boolean {
  return messages.some(({ content }) =>
    Array.isArray(content) && content.some(({ type }) => types.has(type))
  );
}

/** Parts of these types as a word in brackets, so that the model knows of what it does not see. */
export function withoutParts(messages: readonly Message[], types: ReadonlySet<string>): Message[] {
  return messages.map((message) => {
    const { content } = message;
    if (!Array.isArray(content) || !content.some(({ type }) => types.has(type))) return message;
    const texts = content.map((part) => types.has(part.type) ? textOfPart(part) : part);
    return {
      ...message,
      content: texts.every(({ type }) => type === "text") ? joined(texts) : texts,
    };
  });
}

function textOfPart(part: { readonly type: string; readonly [key: string]: unknown }) {
  const text = typeof part.refusal === "string" ? part.refusal : `[${part.type}: not shown]`;
  return { type: "text" as const, text };
}

const joined = (content: Content): string => messageText({ role: "user", content });

/** Neighbours of one role as one turn; a turn that calls tools ends its run of neighbours. */
function merged(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    const mergeable = last !== undefined && last.role === message.role &&
      (last.role === "user" || last.role === "assistant" || isInstruction(last)) &&
      !last["tool_calls"];
    if (mergeable) turns[turns.length - 1] = mergedTurn(last, message);
    else turns.push(message);
  }
  return turns;
}

function mergedTurn(first: Message, second: Message): Message {
  return { ...first, ...second, content: mergedContent(first.content, second.content) };
}

function mergedContent(first: Content, second: Content): Content {
  if (first === null || first === undefined || first === "") return second;
  if (second === null || second === undefined || second === "") return first;
  if (typeof first === "string" && typeof second === "string") return `${first}\n\n${second}`;
  return [...parts(first), ...parts(second)];
}

const parts = (content: NonNullable<Content>) =>
  typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
