/**
 * Adapt call: a call as a model with quirks takes it. What is left out is only what the call allows
 * to be left out; everything else changes its form and keeps its meaning, or the call fails as
 * `unsupported` before anything is sent.
 * @module
 */
import type { Message } from "../openai/chat_request.ts";
import { formatInstruction, readFormat } from "../openai/response_format.ts";
import {
  hasParts,
  withAlternatingRoles,
  withoutDeveloper,
  withoutParts,
  withoutSystem,
} from "../openai/strict_turns.ts";
import { toolsDescription } from "../openai/tool_description.ts";
import { hasToolTurns, withoutToolTurns } from "../openai/tool_turns.ts";
import type { Call } from "../protocol/call.ts";
import { FailureError } from "../protocol/failure.ts";
import { failureOf } from "./classify.ts";
import { PARTS_OF_QUIRK, type Quirks } from "./quirks.ts";

export interface AdaptedCall {
  readonly params: Readonly<Record<string, unknown>>;
  /** JSON text of the `messages` array. */
  readonly messages: string;
}

const TOOL_PARAMETERS = [
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
];

/**
 * @param call its `params` as they are to be sent
 * @throws {FailureError} `unsupported` where the conversation has parts that may not be left out
 */
export function adaptCall(call: Omit<Call, "quirks">, quirks: Quirks): AdaptedCall {
  if (quirks.size === 0) return call;
  const params: Record<string, unknown> = { ...call.params };
  const edits: ((messages: readonly Message[]) => Message[])[] = [];

  const dropped = call.droppable.filter((name) =>
    quirks.has(`no_${name}`) || quirks.has(`drop_${name}`)
  );
  if (dropped.includes("tools")) {
    edits.push((messages) => toldOfTools(messages, call.params));
    for (const name of TOOL_PARAMETERS) delete params[name];
  }
  const format = readFormat(params);
  if (format && (quirks.has("no_response_format") || quirks.has(`no_${format.type}`))) {
    delete params["response_format"];
    if (!call.droppable.includes("response_format")) {
      edits.push((messages) => [...messages, { role: "user", content: formatInstruction(format) }]);
    }
  }
  for (const name of dropped) delete params[name];
  renameTokenLimit(params, quirks);
  for (const [quirk, types] of PARTS_OF_QUIRK) {
    if (quirks.has(quirk)) {
      edits.push((messages) => leaveOutParts(messages, { types, quirk, call }));
    }
  }
  if (quirks.has("no_developer")) edits.push(withoutDeveloper);
  if (quirks.has("no_system")) edits.push(withoutSystem);
  if (quirks.has("alternate_roles")) edits.push(withAlternatingRoles);
  return { params, messages: edits.length === 0 ? call.messages : edited(call.messages, edits) };
}

function edited(
  text: string,
  edits: readonly ((messages: readonly Message[]) => Message[])[],
): string {
  const messages = JSON.parse(text) as Message[];
  return JSON.stringify(edits.reduce((each, edit) => edit(each), messages));
}

function leaveOutParts(
  messages: readonly Message[],
  { types, quirk, call }: {
    types: ReadonlySet<string>;
    quirk: string;
    call: Pick<Call, "droppable">;
  },
): Message[] {
  if (!hasParts(messages, types)) return [...messages];
  if (quirk !== "no_refusals" && !call.droppable.includes("parts")) {
    throw new FailureError(failureOf("unsupported"));
  }
  return withoutParts(messages, types);
}

/** A model that cannot be given tools is told of them, and sees their past use as text. */
function toldOfTools(messages: readonly Message[], params: Call["params"]): Message[] {
  const plain = hasToolTurns(messages) ? withoutToolTurns(messages) : messages;
  const description = toolsDescription(params);
  return description === null ? [...plain] : [...plain, { role: "user", content: description }];
}

/** The two quirks bear the name that is to be used; the first that was learned holds. */
function renameTokenLimit(params: Record<string, unknown>, quirks: Quirks): void {
  for (
    const [from, to] of [
      ["max_tokens", "max_completion_tokens"],
      ["max_completion_tokens", "max_tokens"],
    ] as const
  ) {
    if (!quirks.has(to) || !(from in params) || to in params) continue;
    params[to] = params[from];
    delete params[from];
    return;
  }
}
