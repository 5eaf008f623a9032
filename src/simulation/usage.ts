/**
 * Usage: the tokens of one answer, in OpenAI's shape.
 * Source: OpenAI API reference, "The chat completion object", `usage`.
 * @module
 */

export interface SimulatedUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

export interface UsageCounts {
  readonly prompt: number;
  /** Reasoning included. */
  readonly completion: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

export function usageOf(counts: UsageCounts): SimulatedUsage {
  return {
    prompt_tokens: counts.prompt,
    completion_tokens: counts.completion,
    total_tokens: counts.prompt + counts.completion,
    prompt_tokens_details: { cached_tokens: counts.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: counts.reasoning ?? 0 },
  };
}

export function addUsage(a: SimulatedUsage, b: SimulatedUsage): SimulatedUsage {
  return usageOf({
    prompt: a.prompt_tokens + b.prompt_tokens,
    completion: a.completion_tokens + b.completion_tokens,
    cached: a.prompt_tokens_details.cached_tokens + b.prompt_tokens_details.cached_tokens,
    reasoning: a.completion_tokens_details.reasoning_tokens +
      b.completion_tokens_details.reasoning_tokens,
  });
}
