/**
 * Time axis: milliseconds as columns: bars that end within an eighth of a column, the words over
 * moments and their lines down through the rows, and a scale in seconds. Pure.
 * @module
 */
import type { Glyphs, Ink, Tone } from "./ink.ts";

export interface TimeAxis {
  readonly ink: Ink;
  /** Columns. */
  readonly width: number;
  /** Columns from its left end to the page's right one, for words above it. */
  readonly room: number;
  /** Milliseconds at its right end; more than 0. */
  readonly endMs: number;
}

export interface Bar {
  readonly startMs: number;
  readonly endMs: number;
  readonly tone: Tone;
  /** Until then it is waited for; after, it is at work. Default: the start. */
  readonly firstMs?: number;
  /** It was waited for in vain. */
  readonly isCancelled: boolean;
}

export interface Mark {
  readonly atMs: number;
  readonly label: string;
}

/** The bar's row; the marks' lines pass behind it. */
export function drawBar(bar: Bar, marks: readonly Mark[], axis: TimeAxis): string {
  const { ink: { glyphs, paint }, width } = axis;
  const start = columnOf(bar.startMs, axis);
  const end = Math.max(bar.endMs / axis.endMs * width, start);
  const last = Math.max(start, Math.ceil(end) - 1);
  const first = bar.firstMs === undefined ? start : columnOf(bar.firstMs, axis);
  const passing = new Set(marks.map(({ atMs }) => columnOf(atMs, axis)));
  let row = "";
  for (let column = 0; column < width; column++) {
    if (column < start || column > last) {
      row += passing.has(column) ? paint("quiet", glyphs.moment) : " ";
    } else if (bar.isCancelled) {
      row += column === last ? paint("bad", glyphs.bad) : paint("quiet", glyphs.waiting);
    } else if (column < first) row += paint(bar.tone, glyphs.waiting);
    else row += paint(bar.tone, blockOf(end - column, glyphs));
  }
  return row;
}

/** A row for each mark, in their order, with its label where its line begins. */
export function drawMarks(marks: readonly Mark[], axis: TimeAxis): string[] {
  const { ink: { glyphs, paint }, room } = axis;
  return marks.map(({ atMs, label }, at) => {
    const column = columnOf(atMs, axis);
    const fits = column + 2 + label.length <= room;
    const text = fits ? `${glyphs.opens} ${label}` : `${label} ${glyphs.closes}`;
    const from = fits ? column : Math.max(0, column + 1 - text.length);
    const above = new Set(marks.slice(0, at).map((mark) => columnOf(mark.atMs, axis)));
    const lead = Array.from({ length: from }, (_, to) => above.has(to) ? glyphs.moment : " ");
    return paint("quiet", lead.join("") + text);
  });
}

const STEPS_MS = [50, 100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000];
const LEAST_STEP_COLUMNS = 7;

/** The scale: a line with ticks, and their seconds below. */
export function drawScale({ ink: { glyphs, paint }, width, endMs }: TimeAxis): string[] {
  const step = STEPS_MS.find((ms) => ms / endMs * width >= LEAST_STEP_COLUMNS) ?? endMs;
  let line = "";
  let labels = "";
  for (let ms = 0; ms <= endMs; ms += step) {
    const column = Math.round(ms / endMs * width);
    const label = `${Number((ms / 1_000).toFixed(2))} s`;
    if (column + label.length > width) break;
    line = line.padEnd(column, glyphs.rule) + (ms === 0 ? glyphs.corner : glyphs.tick);
    labels = labels.padEnd(column) + label;
  }
  return [paint("quiet", line.padEnd(width, glyphs.rule)), paint("quiet", labels)];
}

function columnOf(ms: number, { width, endMs }: TimeAxis): number {
  return Math.min(width - 1, Math.floor(ms / endMs * width));
}

/** The block that fills so much of a column, rounded to eighths where there are such. */
function blockOf(filled: number, { full, eighths }: Glyphs): string {
  return filled >= 1 ? full : eighths[Math.max(0, Math.round(filled * 8) - 1)] ?? full;
}
