/**
 * Shorten: takes the middle out of a text so that its head and its conclusion stay readable: cut only
 * between sentences, list items, paragraphs, whole tables and code blocks; where one of these is
 * itself too long, between its lines, then between words, last between characters. A code fence
 * that is cut inside is closed again.
 * @module
 */
import { lineEnd, type Piece, piecesOf } from "./text_pieces.ts";
import { tokenCost } from "./tokens.ts";

export interface Room {
  readonly tokens: number;
  readonly chars: number;
}

/** The text with its middle replaced by a note of what is missing, within `room`. */
export function shortened(text: string, room: Room): string {
  const pieces = piecesOf(text);
  const total = sum(pieces.map((piece) => piece.cost));
  const within = Math.min(room.tokens, total * room.chars / text.length);
  const wordy = within >= WORDY_NOTE_FROM;
  let budget = within - (wordy ? 10 : 3);
  // The estimate of a whole differs a little from its parts', and characters from tokens.
  for (let attempt = 0; attempt < 4 && budget > 0; attempt++) {
    const kept = chosen(pieces, budget);
    const result = joined(kept, wordy ? missingNote(kept, total) : "[…]");
    const over = Math.max(result.length / room.chars, tokenCost(result) / room.tokens);
    if (over <= 1) return result;
    budget *= Math.min(0.97, 0.99 / over);
  }
  return firstCharacters(text, room);
}

/** The last resort, for room too small to choose in or a text unlike any estimate. */
function firstCharacters(text: string, room: Room): string {
  let kept = wholeCharacters(text, room.chars);
  for (let cost = tokenCost(kept); cost > room.tokens && kept !== ""; cost = tokenCost(kept)) {
    kept = wholeCharacters(kept, Math.floor(kept.length * Math.min(0.9, room.tokens / cost)));
  }
  return kept;
}

interface Kept {
  readonly head: readonly Piece[];
  readonly tail: readonly Piece[];
}

/** Part of the room that the head takes; the rest is for the conclusion. */
const HEAD_SHARE = 0.7;
/** With less room than this the note only marks the place. */
const WORDY_NOTE_FROM = 60;

function chosen(pieces: readonly Piece[], budget: number): Kept {
  const head: Piece[] = [];
  const tail: Piece[] = [];
  let left = budget;
  let first = 0;
  const takeHead = (until: number): void => {
    while (first < pieces.length - tail.length && left - pieces[first]!.cost >= until) {
      left -= pieces[first]!.cost;
      head.push(pieces[first++]!);
    }
  };
  takeHead(budget * (1 - HEAD_SHARE));
  for (let last = pieces.length - 1; last > first && pieces[last]!.cost <= left; last--) {
    left -= pieces[last]!.cost;
    tail.push(pieces[last]!);
  }
  tail.reverse();
  takeHead(0);
  const next = pieces[first];
  if (next && first < pieces.length - tail.length && left > Math.max(PART_WORTH, budget * 0.15)) {
    const part = partOf(next, left);
    if (part) head.push(part);
  }
  return { head, tail };
}

/** Below this many tokens a part of a sentence or table is not worth its cut. */
const PART_WORTH = 8;

function missingNote({ head, tail }: Kept, total: number): string {
  const missing = total - sum(head.map(costOf)) - sum(tail.map(costOf));
  return `[… about ${Math.max(1, Math.round(missing))} tokens cut …]`;
}

function joined({ head, tail }: Kept, note: string): string {
  const before = head.map((piece) => piece.text).join("").trimEnd();
  const after = tail.map((piece) => piece.text).join("").replace(/^\n+/, "").trimEnd();
  return [before, note, after].filter((part) => part !== "").join("\n\n");
}

/** The beginning of a piece that is too long as a whole, cut where its kind allows; null for none. */
function partOf(piece: Piece, room: number): Piece | null {
  switch (piece.kind) {
    case "code": {
      const lines = linesWithin(piece.text, room - 2);
      if (lines.length === 1) lines.push(wordsWithin(piece.text.slice(lines[0]!.length), room - 4));
      if (lines.length < 2) return null;
      const fence = /[`~]{3,16}/.exec(lines[0]!)?.[0] ?? "```";
      return pieceOf(`${lines.join("").trimEnd()}\n${fence}\n`, "code");
    }
    case "table": {
      const lines = linesWithin(piece.text, room);
      return lines.length < 3 ? null : pieceOf(lines.join(""), "table");
    }
    case "prose":
      return pieceOf(wordsWithin(piece.text, room), "prose");
    default:
      return piece.kind satisfies never;
  }
}

function linesWithin(text: string, room: number): string[] {
  const lines: string[] = [];
  let left = room;
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    left -= tokenCost(line);
    if (left < 0) break;
    lines.push(line);
    at = end;
  }
  return lines;
}

/** The first words within `room`; of a text without spaces the first whole characters. */
function wordsWithin(text: string, room: number): string {
  const limit = Math.floor(text.length * Math.min(1, room / tokenCost(text)));
  const space = text.lastIndexOf(" ", limit);
  return space > limit * 0.6 ? text.slice(0, space) : wholeCharacters(text, limit);
}

/** The first `length` UTF-16 units or one less: no surrogate pair or combined character is halved. */
function wholeCharacters(text: string, length: number): string {
  let end = Math.min(length, text.length);
  while (end > 0 && end < text.length && CONTINUES.test(text.slice(end - 1, end + 2))) end--;
  return text.slice(0, end);
}
const CONTINUES =
  /^(?:[\ud800-\udbff][\udc00-\udfff]|[^](?:[\u0300-\u036f\u200d\ufe0f]|\ud83c[\udffb-\udfff])|\u200d)/;

function pieceOf(text: string, kind: Piece["kind"]): Piece | null {
  return text.trim() === "" ? null : { text, cost: tokenCost(text), kind };
}

const costOf = (piece: Piece): number => piece.cost;
const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
