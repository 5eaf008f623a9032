/**
 * Degrade: which answer stands in when no synthesis came about.
 * @module
 */
import type { PreparedReference } from "./references.ts";

/**
 * The slot of the best single answer: by agreement and, where a judge gave one, reliability. Never the longest as such.
 * @throws RangeError when there is nothing to choose from.
 */
export function bestAnswer(
  prepared: readonly PreparedReference[],
  reliability?: ReadonlyMap<number, number>,
): number {
  const score = (reference: PreparedReference): number =>
    reference.weight * (reference.injection ? 0.1 : 1) *
    (0.5 + (reliability?.get(reference.slot) ?? 0.5));
  const [first, ...rest] = prepared;
  if (!first) throw new RangeError("Cannot choose the best answer: there is none");
  return rest.reduce((best, each) => score(each) > score(best) ? each : best, first).slot;
}
