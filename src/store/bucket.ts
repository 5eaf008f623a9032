/**
 * Bucket: a rate per minute as a leaky bucket used as a meter, which is what GCRA computes (ITU-T
 * I.371; https://dotat.at/@/2024-08-30-gcra.html). What is used fills it, time drains it at the
 * limit's rate, and what would overflow it is refused. So a key may spend a whole minute's worth at
 * once, and then the limit's rate: over any span of t minutes never more than limit × (1 + t).
 * OpenAI's headers describe the same: of 60 requests a minute, one used is back after "1s".
 *
 * Every figure is a whole number, so no rounding ever admits or refuses: the level counts in
 * 1/60,000 of a unit, of which a limit of n a minute drains exactly n in a millisecond.
 * @module
 */
import { sum } from "./money.ts";

/** How much of the level one request or token is. */
export const unitLevel = 60_000;

export interface Bucket {
  /** What is in it, in 1/60,000 of a request or token. */
  readonly level: number;
  /** Epoch milliseconds at which it held that. */
  readonly at: number;
}

export const emptyBucket: Bucket = { level: 0, at: 0 };

/** The bucket at `now`. A clock that was set back drains nothing and blocks nothing. */
export function drained(bucket: Bucket, now: number, perMinute: number): Bucket {
  const elapsedMs = Math.max(0, now - bucket.at);
  return { level: Math.max(0, bucket.level - elapsedMs * perMinute), at: now };
}

/** The bucket with `units` more in it; it may overflow when a request used more than its claim. */
export function filled(bucket: Bucket, units: number): Bucket {
  return { level: sum(bucket.level, units * unitLevel), at: bucket.at };
}

/** Milliseconds until a bucket that is `level` too full has drained that much. */
export function drainMs(level: number, perMinute: number): number {
  return Math.max(0, Math.ceil(level / perMinute));
}
