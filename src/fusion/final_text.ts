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
  const tokens = limit ? estimateTokens(text) : 0;
  if (!limit || tokens <= limit) return { text, finishReason: "stop" };
  const chars = [...text];
  return {
    text: chars.slice(0, Math.floor(chars.length * limit / tokens)).join(""),
    finishReason: "length",
  };
}
