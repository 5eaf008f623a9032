/**
 * Figures: each of the aggregator's defences, measured on recorded answers beside the rule that the
 * reference design uses in its place (cut at 8,000 characters, the longest answer, no anonymity) and
 * beside chance.
 * @module
 */
import { fallback, weights } from "./aggregator_choice_figures.ts";
import type { Row } from "./aggregator_panels.ts";
import { shares } from "./aggregator_share_figures.ts";
import { fences, lengths, selfNaming } from "./aggregator_text_figures.ts";
import { times } from "./aggregator_time_figures.ts";

export interface Figure {
  readonly figure: string;
  readonly unit: "%" | "×" | "ms" | "";
  readonly ours: number;
  /** The reference design's rule, where it has one. */
  readonly reference?: number;
  readonly random?: number;
  readonly target?: { readonly is: "≥" | "≤" | "<"; readonly value: number };
  readonly note?: string;
}

/** Every figure, in the order of the items; time is taken first, before much else is in memory. */
export function measureFigures(rows: readonly Row[]): Figure[] {
  const spent = times(rows);
  return [
    ...selfNaming(rows),
    ...lengths(rows),
    ...fences(rows),
    ...weights(rows),
    ...fallback(rows),
    ...shares(rows),
    ...spent,
  ];
}
