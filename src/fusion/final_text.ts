/**
 * Final text: a panel answer in the place of the synthesizer's, under the limits that the caller set
 * for the final answer.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { estimateTokens } from "./tokens.ts";

export interface FinalText {
  readonly text: string;
  readonly finishReason: "stop" | "length";
}

/** Cut at the caller's `stop` sequences, then at `max_tokens` (estimated). */
export function asFinalText(answer: string, request: ChatRequest): FinalText {
  const stops = typeof request.stop === "string" ? [request.stop] : request.stop ?? [];
  const ends = stops.filter((stop) => stop !== "").map((stop) => answer.indexOf(stop))
    .filter((at) => at >= 0);
  const text = answer.slice(0, Math.min(answer.length, ...ends));
  const limit = request.max_completion_tokens ?? request.max_tokens;
  if (!limit || estimateTokens(text) <= limit) return { text, finishReason: "stop" };
  return { text: headWithin(text, limit), finishReason: "length" };
}

/** The longest head of `text` that has `maxTokens`, without half a character at its end. */
function headWithin(text: string, maxTokens: number): string {
  let fits = 0;
  for (let over = text.length; over - fits > 1;) {
    const middle = (fits + over) >> 1;
    if (estimateTokens(text.slice(0, middle)) <= maxTokens) fits = middle;
    else over = middle;
  }
  const head = text.slice(0, fits);
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}
