/**
 * Statistics of the figures, and the panels as the aggregator prepares them.
 * @module
 */
import { type PreparedReference, prepareReferences } from "../../src/fusion/references.ts";
import type { Panel } from "./aggregator_panels.ts";

/** The defaults of a profile. */
const OPTIONS = { anonymize: true, normalizeLength: true, maxReferenceChars: 8000 };

export function prepare({ answers }: Panel): PreparedReference[] {
  return prepareReferences(
    answers.map(({ text, model }, slot) => ({ slot, text, model })),
    OPTIONS,
  );
}

/** Of nothing, all. */
export const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : part / whole * 100;
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function quantile(values: readonly number[], at: number): number {
  const rising = [...values].sort((a, b) => a - b);
  return rising[Math.min(rising.length - 1, Math.floor(rising.length * at))] ?? NaN;
}
