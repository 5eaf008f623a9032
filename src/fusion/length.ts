/**
 * Length: evens the panel's answers, because readers take the longer one for the better one. Each is
 * held to a multiple of the panel's median, in tokens; what is too long loses its middle.
 *
 * Comes in: the panel's texts. Goes out: the same, shortened ones with what they lost. A text that is
 * short enough stays the same string.
 * @module
 */
import { shortened } from "./shorten.ts";
import { tokenCost } from "./tokens.ts";

export interface EvenedText {
  readonly text: string;
  /** Present where the text was shortened: estimated tokens before and after. */
  readonly cut?: { readonly fromTokens: number; readonly toTokens: number };
}

export interface EvenOptions {
  /** Whether texts are held to the panel's median; else only the absolute limits hold. */
  readonly relative: boolean;
  /** Characters of one text, at most. */
  readonly maxChars: number;
  /** Tokens of all texts together, at most: what the reader's context leaves for them. */
  readonly maxTotalTokens?: number | undefined;
}

/**
 * Shortens what is longer than 1.5 × the median, than `maxChars`, or than its part of `maxTotalTokens`.
 */
export function evenLengths(texts: readonly string[], options: EvenOptions): EvenedText[] {
  const tokens = texts.map(tokenCost);
  const relative = options.relative && texts.length > 1
    ? Math.max(median(tokens), SHORTEST_MEDIAN)
    : Infinity;
  const wanted = tokens.map((own) => own > relative * LIMIT ? relative * TARGET : own);
  const fair = fairShare(wanted, options.maxTotalTokens ?? Infinity);
  return texts.map((text, at) => {
    const limit = Math.min(wanted[at]!, fair);
    if (tokens[at]! <= limit && text.length <= options.maxChars) return { text };
    const kept = shortened(text, { tokens: limit, chars: options.maxChars });
    const cut = { fromTokens: Math.ceil(tokens[at]!), toTokens: Math.ceil(tokenCost(kept)) };
    return { text: kept, cut };
  });
}

/** Above this multiple of the median a text is cut, and to the next one: the estimate's error is between. */
const LIMIT = 1.35;
const TARGET = 1.3;
/** Among one-line answers a ratio says nothing, and a cut would take the answer itself. */
const SHORTEST_MEDIAN = 8;

/** The level at which capped sizes sum to `total`; Infinity where they fit as they are. */
function fairShare(sizes: readonly number[], total: number): number {
  let left = total;
  const rising = [...sizes].sort((a, b) => a - b);
  for (let at = 0; at < rising.length; at++) {
    const share = left / (rising.length - at);
    if (rising[at]! > share) return Math.max(1, share);
    left -= rising[at]!;
  }
  return Infinity;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
