/**
 * Length: evens the panel's answers, so that none is read as better for being longer.
 * @module
 */
import { estimateTokens } from "./tokens.ts";

export interface EvenedText {
  readonly text: string;
  readonly cut?: { readonly fromTokens: number; readonly toTokens: number };
}

/** Shortens each text to at most 1.5 × the median's tokens and `maxChars` characters. */
export function evenLengths(
  texts: readonly string[],
  options: { readonly relative: boolean; readonly maxChars: number },
): EvenedText[] {
  const tokens = texts.map(estimateTokens);
  const median = [...tokens].sort((a, b) => a - b)[Math.floor((tokens.length - 1) / 2)] ?? 0;
  return texts.map((text, at) => {
    const ofMedian = options.relative && texts.length > 1
      ? text.length * (1.4 * Math.max(median, 32)) / tokens[at]!
      : Infinity;
    const limit = Math.floor(Math.min(options.maxChars, ofMedian));
    if (text.length <= limit) return { text };
    const head = text.slice(0, limit).replace(/\S{0,80}$/, "");
    const cut = { fromTokens: tokens[at]!, toTokens: estimateTokens(head) };
    return { text: `${head.trimEnd()}\n[shortened]`, cut };
  });
}
