/**
 * Rng: repeatable randomness. Every request draws from a generator of its own, keyed by the
 * simulation's seed, the model and the request's number at that model, so that requests to other
 * models never change what this one gets.
 * @module
 */

export interface Rng {
  /** A number in [0, 1). */
  next(): number;
  /** A draw from the standard normal distribution (Box and Muller, 1958). */
  normal(): number;
  /** One of the values. */
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** A generator that its key fixes: equal keys, equal draws. (FNV-1a into mulberry32.) */
export function seededRng(...key: readonly (string | number)[]): Rng {
  let state = hashText(key.join("\u0000"));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (values) => values[Math.floor(next() * values.length)] ?? values[0],
  };
}

/** A 32-bit hash of a text (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
