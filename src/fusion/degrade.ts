/**
 * Degrade: which answer stands in when no synthesis came about.
 * @module
 */
import type { PreparedReference } from "./references.ts";

/**
 * The slot of the best single answer: by its agreement with the others, how much of their common ground
 * it covers, and, where a judge gave one, its reliability (by slot, 0 to 1). Never the longest as such.
 * @throws RangeError when there is nothing to choose from.
 */
export function bestAnswer(
  prepared: readonly PreparedReference[],
  reliability?: ReadonlyMap<number, number>,
): number {
  const score = ({ slot, weight, completeness }: PreparedReference): number =>
    weight * completeness * (RELIABILITY_FLOOR + (reliability?.get(slot) ?? UNKNOWN_RELIABILITY));
  const [first, ...rest] = prepared;
  if (!first) throw new RangeError("Cannot choose the best answer: there is none");
  return rest.reduce((best, each) => score(each) > score(best) ? each : best, first).slot;
}

/** A judge's 0 against its 1 weighs 1 to 5: it may be wrong, or steered by an answer. */
const RELIABILITY_FLOOR = 0.25;
const UNKNOWN_RELIABILITY = 0.5;
