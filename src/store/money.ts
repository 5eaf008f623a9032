/**
 * Money and counts as whole numbers. Money is kept in nano-dollars (a token of the cheapest hosted
 * models costs about ten), so that sums are exact in JavaScript, SQLite and Redis alike.
 *
 * What an upstream reports is not trusted: a figure that no request can reach is cut to the most
 * that one may count, or it would be one that the stores cannot keep.
 * @module
 */

/** The most that one request counts for: ten thousand dollars, a hundred billion tokens. */
const mostNanoUsd = 1e13;
const mostTokens = 1e11;

/** Nano-dollars of a budget, rounded to the nearest. */
export function budgetNanoUsd(usd: number): number {
  return Math.round(usd * 1e9);
}

/** Nano-dollars of a cost, rounded to the nearest. */
export function nanoUsd(usd: number): number {
  return within(Math.round(usd * 1e9), mostNanoUsd);
}

/** Nano-dollars of a cost that is held, rounded up. */
export function nanoUsdUp(usd: number): number {
  return within(Math.ceil(usd * 1e9), mostNanoUsd);
}

export function usdOf(nanoUsd: number): number {
  return nanoUsd / 1e9;
}

/** A token count as an upstream reported it. */
export function tokenCount(reported: number): number {
  return within(Math.ceil(reported), mostTokens);
}

/** A sum that stays a whole number. */
export function sum(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

function within(value: number, most: number): number {
  return Number.isNaN(value) ? 0 : Math.min(most, Math.max(0, value));
}
