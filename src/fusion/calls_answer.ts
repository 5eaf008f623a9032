/**
 * Calls answer: tool calls as the final answer, whole and as a stream, in the form in which the
 * request offers its tools: `tool_calls`, or the legacy `function_call`.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { ToolCall } from "../openai/tool_calls.ts";
import type { StandIn } from "./outcome.ts";
import { seededRandom } from "./seeded_random.ts";

/** @param options.seed what ids are drawn from, for calls that have none of their own */
export function callsAnswer(
  calls: readonly ToolCall[],
  { request, seed }: { readonly request: ChatRequest; readonly seed: string },
): StandIn {
  const wanted = request["parallel_tool_calls"] === false ? calls.slice(0, 1) : calls;
  const [first] = wanted;
  const isLegacy = !request.tools?.length && first?.type === "function";
  const said = isLegacy
    ? { function_call: { name: first.name, arguments: first.input } }
    : { tool_calls: withIds(wanted, seed) };
  const finish_reason = isLegacy ? "function_call" : "tool_calls";
  const message = { role: "assistant", content: null, refusal: null, ...said };
  return {
    text: "",
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    deltas: [
      { choices: [{ index: 0, delta: streamed(said), finish_reason: null }] },
      { choices: [{ index: 0, delta: {}, finish_reason }] },
    ],
  };
}

function withIds(calls: readonly ToolCall[], seed: string) {
  const random = seededRandom(`${seed}/calls`);
  const taken = new Set<string>();
  return calls.map(({ id, type, name, input }) => {
    let unique = id ?? "";
    while (unique === "" || taken.has(unique)) unique = `call_${code(random)}`;
    taken.add(unique);
    return type === "custom"
      ? { id: unique, type, custom: { name, input } }
      : { id: unique, type, function: { name, arguments: input } };
  });
}

function streamed(said: { tool_calls?: readonly object[] }): Readonly<Record<string, unknown>> {
  if (!said.tool_calls) return said;
  return { tool_calls: said.tool_calls.map((call, index) => ({ index, ...call })) };
}

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const CODE_LENGTH = 20;

function code(random: () => number): string {
  return Array.from({ length: CODE_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)])
    .join("");
}
