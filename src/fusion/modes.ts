/**
 * Modes: the pure decisions of the aggregator's modes other than synthesis.
 * @module
 */
import { answerKey } from "./answer_key.ts";
import type { PreparedReference } from "./references.ts";

/** The slots of the majority's answer, weighted by agreement; a tie or no short answers: null. */
export function majorityVote(prepared: readonly PreparedReference[]): readonly number[] | null {
  const votes = new Map<string, { weight: number; slots: number[] }>();
  for (const { slot, text, weight } of prepared) {
    const key = answerKey(text);
    if (key === null) return null;
    const vote = votes.get(key) ?? { weight: 0, slots: [] };
    vote.weight += weight;
    vote.slots.push(slot);
    votes.set(key, vote);
  }
  const [first, second] = [...votes.values()].sort((a, b) => b.weight - a.weight);
  return first && first.weight > (second?.weight ?? 0) ? first.slots : null;
}

/** The `count` references that weigh most, in their own order. */
export function topReferences(
  prepared: readonly PreparedReference[],
  count: number,
): PreparedReference[] {
  const kept = new Set([...prepared].sort((a, b) => b.weight - a.weight).slice(0, count));
  return prepared.filter((reference) => kept.has(reference));
}
