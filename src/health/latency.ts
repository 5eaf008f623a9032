/**
 * Latency: how long the calls of one kind usually take, from the latest ones. Says nothing until it
 * has seen enough of them.
 * @module
 */

/** Calls that are remembered. */
const KEPT = 128;
/** Calls before there is an estimate. */
const LEAST = 20;
/** The estimate is made anew after as many calls. */
const STALE_AFTER = 8;

export class Latency {
  readonly #latest = new Float64Array(KEPT);
  #seen = 0;
  #estimate: number | undefined;
  #estimatedAt = 0;

  add(ms: number): void {
    this.#latest[this.#seen++ % KEPT] = ms;
  }

  /** What 95 of 100 calls keep within, in milliseconds. */
  get p95(): number | undefined {
    if (this.#seen < LEAST) return undefined;
    if (this.#estimate === undefined || this.#seen - this.#estimatedAt >= STALE_AFTER) {
      const sorted = this.#latest.slice(0, Math.min(this.#seen, KEPT)).sort();
      this.#estimate = sorted[Math.ceil(sorted.length * 0.95) - 1];
      this.#estimatedAt = this.#seen;
    }
    return this.#estimate;
  }
}
