/**
 * Usage query: what `tutti usage` asks the ledger, and what it gets. Types, and the summing up for a
 * backend that cannot do it itself.
 * @module
 */

export const usageGroups = ["key", "profile", "model", "day"] as const;
export type UsageGroup = typeof usageGroups[number];

export interface UsageQuery {
  readonly by: UsageGroup;
  /** The first UTC day that counts, "2026-09-22"; absent: everything that is kept. */
  readonly since?: string;
}

/** One group's sums. Requests are counted by the day in which they were admitted. */
export interface UsageRow {
  readonly group: string;
  /** Ended ones, lost ones among them. By model: those that the model was asked for. */
  readonly requests: number;
  /** Begun by a process that died before they ended; what they used is not known. */
  readonly lost: number;
  /** In flight, or of a process that died a moment ago. Always 0 by model. */
  readonly open: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  readonly costUsd: number;
}

/** Days in order of time, everything else by cost, the dearest first. */
export function inOrder(rows: readonly UsageRow[], by: UsageGroup): UsageRow[] {
  const byName = (a: UsageRow, b: UsageRow) => a.group < b.group ? -1 : a.group > b.group ? 1 : 0;
  return rows.toSorted((a, b) => (by === "day" ? 0 : b.costUsd - a.costUsd) || byName(a, b));
}
