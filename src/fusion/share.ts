/**
 * Share: how much of the final answer each reference covers.
 * @module
 */

export interface Shares {
  /** By slot, 0 to 1. */
  readonly shares: ReadonlyMap<number, number>;
  /** The largest share; null where nothing can be measured. */
  readonly dominant: number | null;
  /** All references say the same, so that a high share is no fault. */
  readonly unanimous: boolean;
}

/** Measures how much of `finalText` comes from each reference. */
export function measureShares(
  finalText: string,
  references: readonly { readonly slot: number; readonly text: string }[],
): Shares {
  const final = shingles(finalText);
  const sets = references.map((reference) => new Set(shingles(reference.text)));
  if (final.length === 0 || references.length === 0) {
    return { shares: new Map(), dominant: null, unanimous: false };
  }
  const shares = new Map<number, number>();
  references.forEach((reference, at) => {
    const covered = final.filter((shingle) => sets[at]!.has(shingle)).length;
    shares.set(reference.slot, covered / final.length);
  });
  const values = [...shares.values()];
  return { shares, dominant: Math.max(...values), unanimous: Math.min(...values) > 0.8 };
}

function shingles(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(2).map((word, at) => `${words[at]} ${words[at + 1]} ${word}`);
}
