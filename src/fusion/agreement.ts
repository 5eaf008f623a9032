/**
 * Agreement: how near each answer is to the others, and which stand apart.
 * @module
 */

export interface Agreement {
  /** 0 to 1. */
  readonly weight: number;
  readonly outlier: boolean;
}

/** Weighs each text by what it shares with the others. One text alone has weight 1. */
export function weighAgreement(texts: readonly string[]): Agreement[] {
  if (texts.length < 2) return texts.map(() => ({ weight: 1, outlier: false }));
  const words = texts.map((text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  const weights = words.map((own, at) => {
    let sum = 0;
    for (let other = 0; other < words.length; other++) {
      if (other === at) continue;
      let shared = 0;
      for (const word of words[other]!) if (own.has(word)) shared++;
      sum += shared / Math.max(1, Math.min(64, Math.max(own.size, words[other]!.size)));
    }
    return Math.min(1, sum / (texts.length - 1));
  });
  const median = [...weights].sort((a, b) => a - b)[Math.floor(weights.length / 2)]!;
  return weights.map((weight) => ({
    weight,
    outlier: texts.length > 2 && weight < median * 0.25,
  }));
}
