/**
 * Tool turns: a conversation's tool traffic as plain text, for models that are given no tools: a
 * call becomes a line of the assistant's turn, results become one user turn. What comes out has
 * only system, user and assistant turns, none of them with calls.
 * @module
 */
import { asRecord } from "./as_record.ts";
import { type Message, messageText } from "./chat_request.ts";

/** A tool call as a model wrote it, in OpenAI's present form or the legacy one. */
interface WrittenCall {
  readonly id: unknown;
  readonly name: string;
  /** JSON text, or a custom tool's input. */
  readonly input: string;
}

/** Whether any turn calls a tool or brings a result. */
export function hasToolTurns(messages: readonly Message[]): boolean {
  return messages.some((message) =>
    message.role === "tool" || message.role === "function" ||
    (message.role === "assistant" && callsOf(message).length > 0)
  );
}

export function withoutToolTurns(messages: readonly Message[]): Message[] {
  const names = new Map<unknown, string>();
  const turns: Message[] = [];
  let results: string[] = [];
  for (const message of messages) {
    if (message.role === "tool" || message.role === "function") {
      const name = names.get(message["tool_call_id"]) ?? message["name"];
      results.push(`[Result of ${name ?? "a tool"}]\n${messageText(message)}`);
      continue;
    }
    if (results.length > 0) turns.push({ role: "user", content: results.join("\n\n") });
    results = [];
    const calls = message.role === "assistant" ? callsOf(message) : [];
    for (const { id, name } of calls) names.set(id, name);
    turns.push(calls.length === 0 ? message : withCallsAsText(message, calls));
  }
  if (results.length > 0) turns.push({ role: "user", content: results.join("\n\n") });
  return turns;
}

/** How a call reads: `get_weather({"city":"Paris"})`. */
export function callText({ name, input }: { name: string; input: string }): string {
  return `${name}(${input})`;
}

function withCallsAsText(message: Message, calls: readonly WrittenCall[]): Message {
  const { tool_calls: _calls, function_call: _call, ...rest } = message;
  const lines = calls.map((call) => `[Called ${callText(call)}]`);
  return { ...rest, content: [messageText(message), ...lines].filter(Boolean).join("\n") };
}

function callsOf(message: Message): WrittenCall[] {
  const { tool_calls: calls, function_call: legacy } = message;
  const listed = Array.isArray(calls) ? calls : [];
  return [...listed, ...(legacy ? [{ function: legacy }] : [])].map(writtenCall);
}

function writtenCall(call: unknown): WrittenCall {
  const { id, function: called, custom } = asRecord(call);
  const { name, arguments: args, input } = asRecord(called ?? custom);
  const given = args ?? input ?? "";
  return {
    id,
    name: typeof name === "string" ? name : "a tool",
    input: typeof given === "string" ? given : JSON.stringify(given),
  };
}
