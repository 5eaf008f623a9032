/**
 * Price: what tokens cost. A model without a configured price costs nothing.
 * @module
 */
import type { Usage } from "../protocol/call.ts";
import type { Price } from "./profile.ts";

const TOKENS_PER_MTOK = 1_000_000;

/** US dollars; cached input tokens at their own price where there is one. */
export function costUsd(usage: Usage, price: Price | undefined): number {
  if (!price) return 0;
  const cached = Math.min(usage.cachedTokens, usage.promptTokens);
  return (
    (usage.promptTokens - cached) * price.inputPerMtok +
    cached * (price.cachedInputPerMtok ?? price.inputPerMtok) +
    usage.completionTokens * price.outputPerMtok
  ) / TOKENS_PER_MTOK;
}
