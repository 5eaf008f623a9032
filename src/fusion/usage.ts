/**
 * Usage: tokens as upstreams report them, and their sums.
 * @module
 */
import type { z } from "zod";
import type { upstreamUsageSchema } from "../openai/chat_response.ts";
import type { Usage } from "../protocol/call.ts";

export const NO_USAGE: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
};

/** What an upstream reported; what it left out counts as zero. */
export function usageOf(reported: z.infer<typeof upstreamUsageSchema> | null | undefined): Usage {
  return {
    promptTokens: reported?.prompt_tokens ?? 0,
    completionTokens: reported?.completion_tokens ?? 0,
    cachedTokens: reported?.prompt_tokens_details?.cached_tokens ?? 0,
    reasoningTokens: reported?.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}
