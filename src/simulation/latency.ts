/**
 * Latency: how long a model takes. Milliseconds.
 * @module
 */
import type { Rng } from "./rng.ts";
import type { Model } from "./simulated_model.ts";

/** Time to the first token: the fixed value, or a log-normal draw around the median. */
export function drawFirstTokenMs(model: Model, rng: Rng): number {
  const { firstTokenMs } = model;
  return typeof firstTokenMs === "number"
    ? firstTokenMs
    : firstTokenMs.median * Math.exp(firstTokenMs.sigma * rng.normal());
}

/** Time to write so many tokens. */
export function writingMs(model: Model, tokens: number): number {
  return model.tokensPerSecond === Infinity ? 0 : tokens / model.tokensPerSecond * 1_000;
}
