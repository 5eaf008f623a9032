/**
 * Trial: whether a single model's answer can stand without a panel (mode `cascade`).
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { cheapCheck, type CheapFault } from "./cheap_check.ts";

export interface TriedAnswer {
  /** Of the first choice. */
  readonly text: string;
  readonly choices: readonly { readonly finish_reason: string | null }[];
}

/** Why it cannot; null where nothing shows. Calls of tools and what the caller itself cut do. */
export function trialFault(
  { text, choices: [first] }: TriedAnswer,
  request: ChatRequest,
): CheapFault | null {
  const finishReason = first?.finish_reason ?? null;
  if (finishReason === "tool_calls" || finishReason === "function_call") return null;
  const limit = request.max_completion_tokens ?? request.max_tokens;
  const isCutAsAsked = finishReason === "length" && typeof limit === "number" && text !== "";
  return cheapCheck(text, { finishReason: isCutAsAsked ? null : finishReason });
}
