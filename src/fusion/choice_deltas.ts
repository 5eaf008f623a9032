/**
 * Choice deltas: a whole answer as a stream, for a client that asked for one. Source: OpenAI API
 * reference, "The chat completion chunk object".
 * @module
 */
import type { Delta } from "./outcome.ts";

interface WholeChoice {
  readonly index: number;
  readonly message?: unknown;
  readonly finish_reason: string | null;
  readonly logprobs?: unknown;
}

/** For each choice what it says, then why it ended. */
export function asDeltas(choices: readonly WholeChoice[]): Delta[] {
  const said = choices.map(({ index, message, logprobs = null }) => ({
    index,
    delta: messageDelta(message),
    logprobs,
    finish_reason: null,
  }));
  const ends = choices.map(({ index, finish_reason }) => ({ index, delta: {}, finish_reason }));
  return [{ choices: said }, { choices: ends }];
}

/** Streamed tool calls say which one they are a part of; what is null is not said. */
function messageDelta(message: unknown): Record<string, unknown> {
  if (typeof message !== "object" || message === null) return {};
  const said = Object.entries(message).filter(([key, value]) => key !== "role" && value !== null);
  return Object.fromEntries(said.map(([key, value]) => [
    key,
    key === "tool_calls" && Array.isArray(value)
      ? value.map((call, index) => ({ index, ...call }))
      : value,
  ]));
}
