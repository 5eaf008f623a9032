/**
 * Text pieces: a text as sentences, tables and code blocks, each of which may stand alone.
 * @module
 */
import { tokenCost } from "./tokens.ts";

export interface Piece {
  readonly text: string;
  /** Estimated tokens. */
  readonly cost: number;
  readonly kind: "prose" | "table" | "code";
}

/** The pieces of a text, in their order; together they are the text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  const add = (from: number, to: number, kind: Piece["kind"]): void => {
    if (to > from) {
      const piece = text.slice(from, to);
      pieces.push({ text: piece, cost: tokenCost(piece), kind });
    }
  };
  let blockAt = 0;
  let block: "code" | "table" | null = null;
  let fence = "";
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const line = text.slice(at, Math.min(end, at + 200)).trim();
    if (block === "code") {
      if (line.startsWith(fence) && line.replaceAll(fence[0]!, "") === "") {
        add(blockAt, end, "code");
        block = null;
      }
    } else {
      const opening = /^(?:[-*+] |\d{1,3}[.)] )?(`{3,16}|~{3,16})/.exec(line)?.[1];
      const isRow = line.startsWith("|");
      if (block === "table" && !isRow) {
        add(blockAt, at, "table");
        block = null;
      }
      if (opening !== undefined) {
        [block, blockAt, fence] = ["code", at, opening];
      } else if (isRow) {
        if (block === null) [block, blockAt] = ["table", at];
      } else {
        for (const [from, to] of sentences(text, at, end)) add(from, to, "prose");
      }
    }
    at = end;
  }
  if (block !== null) add(blockAt, text.length, block);
  return pieces;
}

/** Behind the line's break and the empty lines that follow it. */
export function lineEnd(text: string, from: number): number {
  let end = text.indexOf("\n", from);
  if (end < 0) return text.length;
  while (text[end + 1] === "\n") end++;
  return end + 1;
}

/** The sentences of a line; one that ends it takes the line's break along. */
function sentences(text: string, from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  let start = from;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    const ends = code === 0x3002 || code === 0xff01 || code === 0xff1f ||
      ((code === 0x2e || code === 0x21 || code === 0x3f) && endsSentence(text, at));
    if (!ends) continue;
    let next = at + 1;
    while (next < to && CLOSERS.includes(text[next]!)) next++;
    if (next - start < 12) continue;
    found.push([start, next]);
    start = next;
    at = next - 1;
  }
  const last = found.at(-1);
  if (last && text.slice(start, to).trim() === "") last[1] = to;
  else if (start < to) found.push([start, to]);
  return found;
}
const CLOSERS = "\"'”’»)]*_」』";

/** Not behind "e.g", "Dr", an initial, or a list's number. */
function endsSentence(text: string, at: number): boolean {
  if (!/^["'”’»)\]*_]{0,3}(?:\s|$)/.test(text.slice(at + 1, at + 5))) return false;
  return text[at] !== "." ||
    !/(?:^|[\s(.])(?:[A-Za-z]|\d{1,3}|e\.g|i\.e|Dr|Mr|Mrs|Ms|St|vs|etc|No|Fig|approx)$/
      .test(text.slice(Math.max(0, at - 8), at));
}
