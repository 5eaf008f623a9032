/**
 * Dense ids: gives each new 32-bit hash the next small number, so that what is known of it can stand
 * in arrays. An open-addressing table: a third of a Map's time for the few thousand terms of a panel.
 * @module
 */

/** Ids from 0 for up to `capacity` different hashes. */
export class DenseIds {
  readonly #mask: number;
  /** By place: id + 1, or 0 where it is free, and the hash. */
  readonly #table: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    const places = 2 ** Math.ceil(Math.log2(capacity * 2 + 2));
    this.#mask = places - 1;
    this.#table = new Int32Array(places * 2);
  }

  /** How many different hashes there were. */
  get size(): number {
    return this.#size;
  }

  /** The hash's id, a new one where it has none. */
  idOf(hash: number): number {
    const at = this.#entryOf(hash);
    const table = this.#table;
    if (table[at] === 0) {
      table[at] = ++this.#size;
      table[at + 1] = hash;
    }
    return table[at]! - 1;
  }

  /** The hash's id, or -1. */
  find(hash: number): number {
    return this.#table[this.#entryOf(hash)]! - 1;
  }

  #entryOf(hash: number): number {
    const table = this.#table;
    let place = (hash ^ (hash >>> 15)) & this.#mask;
    while (table[place * 2] !== 0 && table[place * 2 + 1] !== hash) {
      place = (place + 1) & this.#mask;
    }
    return place * 2;
  }
}
