/**
 * Ink: what the demo is drawn with: colour and block characters on a terminal, plain ASCII
 * elsewhere. The renderers draw by tone and glyph and do not know which of the two they hold.
 * @module
 */
import { styleText } from "node:util";

export type Tone = "title" | "strong" | "quiet" | "panel" | "judge" | "synthesis" | "good" | "bad";

export interface Ink {
  /** Columns; no line is longer. */
  readonly width: number;
  readonly glyphs: Glyphs;
  paint(tone: Tone, text: string): string;
}

/** Each one column wide. */
export interface Glyphs {
  readonly full: string;
  /** An eighth of a column to seven; empty where a column is the least. */
  readonly eighths: string;
  /** A bar of somebody who is waited for. */
  readonly waiting: string;
  readonly rule: string;
  readonly corner: string;
  readonly tick: string;
  /** A moment's line down through the rows, and where it leaves its label. */
  readonly moment: string;
  readonly opens: string;
  readonly closes: string;
  readonly good: string;
  readonly bad: string;
}

const BLOCKS: Glyphs = {
  full: "█",
  eighths: "▏▎▍▌▋▊▉",
  waiting: "░",
  rule: "─",
  corner: "╰",
  tick: "┴",
  moment: "┊",
  opens: "╭",
  closes: "╮",
  good: "✓",
  bad: "✗",
};

const ASCII: Glyphs = {
  full: "#",
  eighths: "",
  waiting: "-",
  rule: "-",
  corner: "+",
  tick: "+",
  moment: ":",
  opens: ".",
  closes: ".",
  good: "+",
  bad: "x",
};

/** By the terminal's own sixteen colours, so that its theme decides how they look. */
const FORMATS = {
  title: ["bold", "cyan"],
  strong: ["bold"],
  quiet: ["dim"],
  panel: ["cyan"],
  judge: ["magenta"],
  synthesis: ["green"],
  good: ["green"],
  bad: ["red"],
} as const satisfies Record<Tone, readonly Parameters<typeof styleText>[0][]>;

const NARROWEST = 72;
const WIDEST = 120;

export function terminalInk(columns: number): Ink {
  return {
    width: Math.min(Math.max(columns, NARROWEST), WIDEST),
    glyphs: BLOCKS,
    paint: (tone, text) => styleText([...FORMATS[tone]], text, { validateStream: false }),
  };
}

/** For files, pipes and `NO_COLOR`. */
export const plainInk: Ink = { width: 80, glyphs: ASCII, paint: (_tone, text) => text };
