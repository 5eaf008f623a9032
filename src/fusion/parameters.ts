/**
 * Parameters: which parameter of the caller reaches which stage. The final call (synthesis, or the
 * single model) gets every one; the panel those that shape thinking, not those that shape output:
 * a `stop`, a `max_tokens` or a format would starve the answers that the final one is made of.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";

/** What is not a parameter of the call: Tutti sets these itself. */
const STRUCTURE = new Set(["model", "messages", "stream", "stream_options", "fusion"]);

const TO_PANEL = [
  "temperature",
  "top_p",
  "seed",
  "reasoning_effort",
  "verbosity",
  "user",
  "safety_identifier",
];

export type Parameters = Readonly<Record<string, unknown>>;

export function finalParameters(request: ChatRequest): Parameters {
  return Object.fromEntries(
    Object.entries(request).filter(([name, value]) =>
      !STRUCTURE.has(name) && value !== null && value !== undefined
    ),
  );
}

export function panelParameters(request: ChatRequest): Parameters {
  return picked(request, TO_PANEL);
}

const TOOL_PARAMETERS = [
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
];

/** What lets a panel member call tools itself. */
export function toolParameters(request: ChatRequest): Parameters {
  return picked(request, TOOL_PARAMETERS);
}

function picked(request: ChatRequest, names: readonly string[]): Parameters {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = request[name];
      return value === null || value === undefined ? [] : [[name, value]];
    }),
  );
}
