/**
 * Call budget: how many calls may be made beyond those that were asked for, as a share of the recent
 * ones and a small floor. It bounds what retries and hedges can add to an outage: with a share of
 * 0.2, a dead upstream gets at most 1.2 times its usual traffic, not twice.
 * Source: twitter.github.io/finagle, "RetryBudget"; linkerd.io, "Retries and timeouts".
 * @module
 */
import { RecentCount } from "./recent_count.ts";

export interface CallBudgetOptions {
  /** Extra calls for each call, 0 to 1. */
  readonly share: number;
  /** Extra calls that are always granted, so that a quiet gateway may have some too. */
  readonly minPerSecond: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Over how long the share is taken, in seconds: that of Finagle and linkerd. */
const WINDOW_S = 10;

export class CallBudget {
  readonly #calls = new RecentCount(WINDOW_S * 1_000);
  readonly #extra = new RecentCount(WINDOW_S * 1_000);

  constructor(readonly options: CallBudgetOptions) {}

  /** A call was made that is no extra one. */
  called(): void {
    this.#calls.add(this.options.now());
  }

  /** Whether there is room for one more extra call. */
  get hasRoom(): boolean {
    const { share, minPerSecond, now } = this.options;
    const at = now();
    const granted = this.#calls.total(at) * share + minPerSecond * WINDOW_S;
    return this.#extra.total(at) + 1 <= granted;
  }

  /** An extra call is made. */
  spend(): void {
    this.#extra.add(this.options.now());
  }
}
