/**
 * Recent count: how often something has happened within a window that moves on with time. Kept in a
 * few buckets, so that it costs the same however much happens.
 * @module
 */

const BUCKETS = 10;

export class RecentCount {
  readonly #counts = new Array<number>(BUCKETS).fill(0);
  readonly #bucketMs: number;
  /** Number of the newest bucket since the epoch. */
  #newest = 0;
  #total = 0;

  /** What happened longer ago than `windowMs` is forgotten, in tenths of it. */
  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS;
  }

  add(now: number): void {
    this.#moveTo(now);
    this.#counts[this.#newest % BUCKETS]!++;
    this.#total++;
  }

  total(now: number): number {
    this.#moveTo(now);
    return this.#total;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  #moveTo(now: number) {
    const bucket = Math.floor(now / this.#bucketMs);
    if (bucket <= this.#newest) return;
    if (bucket - this.#newest >= BUCKETS) this.clear();
    else {
      for (let passed = this.#newest + 1; passed <= bucket; passed++) {
        this.#total -= this.#counts[passed % BUCKETS]!;
        this.#counts[passed % BUCKETS] = 0;
      }
    }
    this.#newest = bucket;
  }
}
