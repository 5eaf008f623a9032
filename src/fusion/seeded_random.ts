/**
 * Seeded random: a stream of numbers that a text seed fixes, so that a logged seed replays every
 * shuffle and label of a run. Fast and well spread; not for secrets by itself: the seed is one.
 * @module
 */

/**
 * A generator of numbers in [0, 1). Equal seeds give equal streams.
 *
 * The seed is spread by FNV-1a into sfc32's state.
 * Source: Chris Doty-Humphrey, PractRand (sfc32); Fowler, Noll, Vo (FNV-1a).
 */
export function seededRandom(seed: string): () => number {
  let a = fnv1a(seed, 0x811c9dc5);
  let b = fnv1a(seed, a ^ 0x9e3779b9);
  let c = fnv1a(seed, b ^ 0x85ebca6b);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** A new array with the values in an order drawn from `random` (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    [result[last], result[pick]] = [result[pick]!, result[last]!];
  }
  return result;
}

function fnv1a(text: string, basis: number): number {
  let hash = basis | 0;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
