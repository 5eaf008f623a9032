/**
 * Tokens: an estimate of how many tokens a text has, fast enough for every answer.
 * @module
 */

/** Estimated tokens of `text`. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4.4);
}
