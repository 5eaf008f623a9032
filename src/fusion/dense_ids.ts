/**
 * Dense ids: gives each new 32-bit hash the next small number, so that what is known of it can stand
 * in arrays. An open-addressing table: a third of a Map's time for the few thousand terms of a panel.
 * @module
 */

/** Ids from 0 for up to `capacity` different hashes. */
export class DenseIds {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  /** Id + 1 by place; 0 where the place is free. */
  readonly #ids: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    const places = 2 ** Math.ceil(Math.log2(capacity * 2 + 2));
    this.#mask = places - 1;
    this.#hashes = new Int32Array(places);
    this.#ids = new Int32Array(places);
  }

  /** How many different hashes there were. */
  get size(): number {
    return this.#size;
  }

  /** The hash's id, a new one where it has none. */
  idOf(hash: number): number {
    const place = this.#placeOf(hash);
    if (this.#ids[place] === 0) {
      this.#hashes[place] = hash;
      this.#ids[place] = ++this.#size;
    }
    return this.#ids[place]! - 1;
  }

  /** The hash's id, or -1. */
  find(hash: number): number {
    return this.#ids[this.#placeOf(hash)]! - 1;
  }

  #placeOf(hash: number): number {
    let place = (hash ^ (hash >>> 15)) & this.#mask;
    while (this.#ids[place] !== 0 && this.#hashes[place] !== hash) place = (place + 1) & this.#mask;
    return place;
  }
}
