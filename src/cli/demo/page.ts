/**
 * Page: the demo's layout: a margin, headings with a rule, paragraphs, and blocks with a name at
 * their left.
 * @module
 */
import type { Ink, Tone } from "./ink.ts";
import { wrapText } from "./wrapped_text.ts";

export const MARGIN = "  ";
/** Where the text of a block begins, the margin not counted. */
export const BLOCK_COLUMN = 13;

/** A heading over the page's width; `note` stands at its right end. */
export function heading(title: string, ink: Ink, note = ""): string[] {
  const end = note === "" ? "" : ` ${note}`;
  const rule = ink.width - 2 * MARGIN.length - title.length - 1 - end.length;
  return [
    "",
    `${MARGIN}${ink.paint("title", title)} ${
      ink.paint("quiet", ink.glyphs.rule.repeat(Math.max(0, rule)) + end)
    }`,
    "",
  ];
}

export function paragraph(text: string, ink: Ink, tone?: Tone): string[] {
  const lines = wrapText(text, { width: ink.width - MARGIN.length, indent: MARGIN });
  return tone ? lines.map((line) => ink.paint(tone, line)) : lines;
}

/** One thing said in a block, behind a mark that stands out to the left of its lines. */
export interface Item {
  readonly mark: string;
  readonly markTone?: Tone;
  readonly text: string;
  readonly tone?: Tone;
}

/** A name at the left, its items at the right, a blank line before; nothing where there is no item. */
export function block(name: string, items: readonly Item[], ink: Ink): string[] {
  const marks = Math.max(0, ...items.map(({ mark }) => mark.length));
  const gap = marks === 0 ? "" : " ";
  const width = ink.width - 2 * MARGIN.length - BLOCK_COLUMN - marks - gap.length;
  const painted = (text: string, tone: Tone | undefined) => tone ? ink.paint(tone, text) : text;
  const lines = items.flatMap(({ mark, markTone, text, tone }) =>
    wrapText(text, { width }).map((line, at) =>
      painted((at === 0 ? mark : "").padEnd(marks), markTone) + gap + painted(line, tone)
    )
  );
  if (lines.length === 0) return [];
  return [
    "",
    ...lines.map((line, at) =>
      MARGIN + ink.paint("quiet", (at === 0 ? name : "").padEnd(BLOCK_COLUMN)) + line
    ),
  ];
}

/** Milliseconds as seconds, e.g. "0.35 s". */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
