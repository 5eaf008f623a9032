/**
 * Open asks: the asks of one actor that have no terminal yet, and how each is cancelled.
 * @module
 */
import type { Clock } from "./clock.ts";
import type { CancelAsk } from "./worker_pool.ts";

export class OpenAsks {
  readonly #cancels = new Map<string, CancelAsk>();
  /** Told of each ask that ends, once somebody waits for the last. */
  #onEnded: (() => void) | undefined;

  set(ask: string, cancel: CancelAsk): void {
    this.#cancels.set(ask, cancel);
  }

  has(ask: string): boolean {
    return this.#cancels.has(ask);
  }

  ended(ask: string): void {
    this.#cancels.delete(ask);
  }

  /** To be called when what followed from an ask's end is done. */
  told(): void {
    this.#onEnded?.();
  }

  cancel(ask: string, reason: string): void {
    this.#cancels.get(ask)?.(reason);
  }

  cancelAll(reason: string): void {
    for (const cancel of this.#cancels.values()) cancel(reason);
  }

  /** Calls `done` once: when no ask is open, or after `waitMs`. */
  whenNone(done: () => void, { clock, waitMs }: { clock: Clock; waitMs: number }): void {
    if (this.#cancels.size === 0) return done();
    const end = () => {
      this.#onEnded = undefined;
      done();
    };
    const timer = clock.at(clock.now() + waitMs, end);
    this.#onEnded = () => {
      if (this.#cancels.size > 0) return;
      timer.clear();
      end();
    };
  }
}
