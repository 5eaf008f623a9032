/**
 * Modes: the decisions of the aggregator's modes that need no model: who wins a vote, whether a panel
 * agrees enough to answer at once, which references a large panel passes on, what two picks of a
 * judge come to.
 * @module
 */
import { answerKey } from "./answer_key.ts";
import { bestAnswer } from "./degrade.ts";
import type { PreparedReference } from "./references.ts";

/** How a profile makes one answer of the panel's. README.md says when which is the right one. */
export const MODES = ["synthesize", "select", "vote", "consensus", "cascade"] as const;
export type Mode = typeof MODES[number];

export function isMode(word: string): word is Mode {
  return MODES.some((mode) => mode === word);
}

type Reliability = ReadonlyMap<number, number>;

/**
 * Mode `vote`: the slot that stands for the answer that most give, each vote weighted by its agreement.
 * Null where there is no clear majority, or where half of the answers come down to nothing short: the
 * judge then decides.
 */
export function votedAnswer(prepared: readonly PreparedReference[]): number | null {
  const votes = new Map<string, PreparedReference[]>();
  let voters = 0;
  for (const reference of prepared) {
    const key = reference.injection ? null : answerKey(reference.text);
    if (key === null) continue;
    voters++;
    votes.set(key, [...(votes.get(key) ?? []), reference]);
  }
  if (voters * 2 <= prepared.length) return null;
  const weightOf = (group: readonly PreparedReference[]): number =>
    group.reduce((sum, { weight }) => sum + weight, 0);
  const [first, second] = [...votes.values()].sort((a, b) => weightOf(b) - weightOf(a));
  if (first!.length === 1 && prepared.length > 1) return null;
  const isClear = !second || weightOf(first!) >= weightOf(second) * CLEAR_MAJORITY;
  return isClear ? bestAnswer(first!) : null;
}

/** Two votes against two come to about the same weight; three against two to thrice. */
const CLEAR_MAJORITY = 1.25;

/**
 * Mode `consensus`: the slot of the best answer where the panel agrees at least by `threshold` (the
 * median weight, 0 to 1; 0.8 means the same short answer or much the same words), else null: synthesize.
 */
export function consensusAnswer(
  prepared: readonly PreparedReference[],
  threshold: number,
): number | null {
  if (prepared.length < 2 || prepared.some(({ outlier, injection }) => outlier || injection)) {
    return null;
  }
  const rising = prepared.map(({ weight }) => weight).sort((a, b) => a - b);
  return rising[(rising.length - 1) >> 1]! >= threshold ? bestAnswer(prepared) : null;
}

/**
 * Mode `select`: what the judge's two picks, made in two orders, come to. The same: that one. Two
 * different: its choice hung on the order, so agreement decides between them. None: the best answer.
 */
export function selectedAnswer(
  picks: readonly (number | null)[],
  prepared: readonly PreparedReference[],
): number {
  const picked = prepared.filter(({ slot }) => picks.includes(slot));
  return bestAnswer(picked.length > 0 ? picked : prepared);
}

/** The label that a judge's reply names and no other, or null. */
export function parseChoice(reply: string, labels: readonly string[]): string | null {
  const said = reply.slice(-2_000);
  const named = labels.filter((label) => said.includes(label));
  return named.length === 1 ? named[0]! : null;
}

/**
 * Rank then fuse: the `count` references that weigh most, by agreement, completeness and, where a judge
 * gave one, reliability; in their own order. An insight of one outlier may get lost: for large panels.
 */
export function topReferences(
  prepared: readonly PreparedReference[],
  count: number,
  reliability?: Reliability,
): PreparedReference[] {
  const left = [...prepared];
  const kept = new Set<number>();
  while (kept.size < count && left.length > 0) {
    const slot = bestAnswer(left, reliability);
    kept.add(slot);
    left.splice(left.findIndex((reference) => reference.slot === slot), 1);
  }
  return prepared.filter(({ slot }) => kept.has(slot));
}
