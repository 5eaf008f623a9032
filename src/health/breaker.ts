/**
 * Breaker: keeps calls from an upstream that keeps failing. Closed it counts; open it lets nobody
 * through; after a while, half open, it lets one call through as a probe: an answer closes it, a
 * failure opens it anew.
 *
 * No library: those there are (cockatiel, opossum) wrap a promise and read the clock of the process;
 * here a call begins in one message and ends in another, and time is passed in. It needs no timer:
 * half open is what an open breaker is once its time is over.
 * Source: Nygard, "Release It!", Stability Patterns, Circuit Breaker.
 * @module
 */
import { RecentCount } from "./recent_count.ts";

export type BreakerState = "closed" | "half_open" | "open";

/** What a call has shown of its upstream: nothing, where it was cancelled or failed by our fault. */
export type Verdict = "good" | "bad" | "none";

export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly consecutiveFailures: number;
  /** Share of failed calls that opens it, 0 to 1, of at least `minCalls` within `windowMs`. */
  readonly failureRatio: number;
  readonly minCalls: number;
  readonly windowMs: number;
  /** How long it stays open before it tries. */
  readonly openMs: number;
}

export interface BreakerOptions extends BreakerPolicy {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onChange?: (state: "closed" | "open") => void;
}

/** Tells how a call that was let through has ended; only the first telling counts. */
export type Told = (verdict: Verdict) => void;

export class Breaker {
  readonly #calls: RecentCount;
  readonly #failures: RecentCount;
  #inARow = 0;
  #openedAt: number | undefined;
  #probing = false;
  /** Grows with each change: what began before one says nothing of what is after it. */
  #era = 0;

  constructor(readonly options: BreakerOptions) {
    this.#calls = new RecentCount(options.windowMs);
    this.#failures = new RecentCount(options.windowMs);
  }

  get state(): BreakerState {
    if (this.#openedAt === undefined) return "closed";
    return this.options.now() < this.#openedAt + this.options.openMs ? "open" : "half_open";
  }

  /** Whether {@link enter} would let a call through now. */
  get lets(): boolean {
    const { state } = this;
    return state === "closed" || (state === "half_open" && !this.#probing);
  }

  /** Lets a call through, or gives undefined. */
  enter(): Told | undefined {
    if (!this.lets) return undefined;
    const isProbe = this.state === "half_open";
    if (isProbe) this.#probing = true;
    let era: number | undefined = this.#era;
    return (verdict) => {
      const isNew = era === this.#era;
      era = undefined;
      if (!isNew) return;
      if (isProbe) this.#probed(verdict);
      else this.#count(verdict);
    };
  }

  #count(verdict: Verdict) {
    if (verdict === "none") return;
    const { consecutiveFailures, failureRatio, minCalls, now } = this.options;
    const at = now();
    this.#calls.add(at);
    if (verdict === "good") {
      this.#inARow = 0;
      return;
    }
    this.#failures.add(at);
    this.#inARow++;
    const calls = this.#calls.total(at);
    const tooMany = calls >= minCalls && this.#failures.total(at) >= failureRatio * calls;
    if (tooMany || this.#inARow >= consecutiveFailures) this.#change("open");
  }

  #probed(verdict: Verdict) {
    this.#probing = false;
    if (verdict === "none") return;
    this.#change(verdict === "good" ? "closed" : "open");
  }

  #change(state: "closed" | "open") {
    this.#era++;
    this.#openedAt = state === "open" ? this.options.now() : undefined;
    this.#inARow = 0;
    this.#calls.clear();
    this.#failures.clear();
    this.options.onChange?.(state);
  }
}
