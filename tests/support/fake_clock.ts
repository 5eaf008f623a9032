/**
 * Fake clock: time that stands still until a test moves it. Timers fire in the order of their
 * instants (those set first, first), and what a timer sets off, promises and messages between ports
 * of this thread, has settled before the next one fires.
 * @module
 */
import { setImmediate } from "node:timers";
import type { Clock, Timer } from "../../src/runtime/clock.ts";

interface FakeTimer {
  readonly at: number;
  readonly fire: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Set<FakeTimer>();

  /** @param now epoch milliseconds to start at */
  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(at: number, fire: () => void): Timer {
    const timer = { at, fire };
    this.#timers.add(timer);
    const clear = () => void this.#timers.delete(timer);
    return { clear, [Symbol.dispose]: clear };
  }

  /** Timers that have neither fired nor been cleared. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Instant of the next timer, if there is one. */
  get nextAt(): number | undefined {
    return this.#next()?.at;
  }

  /** Moves time on by `ms`, firing on the way what becomes due. */
  advance(ms: number): Promise<void> {
    return this.advanceTo(this.#now + ms);
  }

  /** Moves time on to `at`, firing on the way what becomes due; a timer due now or earlier fires too. */
  async advanceTo(at: number): Promise<void> {
    await settled();
    for (let timer = this.#next(); timer && timer.at <= at; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.fire();
      await settled();
    }
    this.#now = Math.max(this.#now, at);
  }

  #next(): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers) if (!next || timer.at < next.at) next = timer;
    return next;
  }
}

/**
 * Resolves when promises have settled and messages under way between ports of this thread have had
 * `turns` turns of the event loop to arrive (a message takes one or two).
 */
export async function settled(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((done) => setImmediate(done));
}
