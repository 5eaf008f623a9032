/**
 * Quorum: when a panel layer is done. Pure arithmetic over how many answered and how many still may.
 * @module
 */

export interface PanelCount {
  readonly answered: number;
  readonly open: number;
  readonly minQuorum: number;
}

export type PanelStanding =
  /** Every ask has ended and there are enough answers. */
  | "complete"
  /** Enough answers, others still open: the grace runs. */
  | "quorum"
  /** Not enough yet, but there may be. */
  | "waiting"
  /** There can no longer be enough. */
  | "impossible";

export function panelStanding({ answered, open, minQuorum }: PanelCount): PanelStanding {
  if (answered >= minQuorum) return open === 0 ? "complete" : "quorum";
  return answered + open >= minQuorum ? "waiting" : "impossible";
}

const SHORTEST_GRACE_MS = 250;
const LONGEST_GRACE_MS = 8_000;

/** How long stragglers are waited for: half the time that the quorum took, unless it is configured. */
export function graceMs(quorumTookMs: number, configuredMs: number | undefined): number {
  if (configuredMs !== undefined) return configuredMs;
  return Math.min(Math.max(quorumTookMs / 2, SHORTEST_GRACE_MS), LONGEST_GRACE_MS);
}
