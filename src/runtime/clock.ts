/**
 * Clock: the only way time comes in. Epoch milliseconds that never run backwards: the wall clock is
 * read once and carried on by the monotonic one, so a clock that is set while runs are under way
 * moves no deadline.
 * @module
 */

export interface Timer extends Disposable {
  clear(): void;
}

export interface Clock {
  /** Epoch milliseconds, with fractions. */
  now(): number;
  /** Calls `fire` once, not before `at`. */
  at(at: number, fire: () => void): Timer;
}

/** Longest delay that a timer can carry: a signed 32-bit count of milliseconds. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

class SystemTimer implements Timer {
  #id: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly now: () => number, readonly at: number, readonly fire: () => void) {
    this.#wait();
  }

  #wait() {
    const ms = Math.ceil(Math.min(Math.max(0, this.at - this.now()), LONGEST_DELAY_MS));
    this.#id = setTimeout(() => {
      if (this.now() < this.at) return this.#wait();
      this.#id = undefined;
      this.fire();
    }, ms);
  }

  clear(): void {
    if (this.#id !== undefined) clearTimeout(this.#id);
    this.#id = undefined;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

/** The system's clock; `origin` is the epoch time at which `performance.now()` was zero. */
export function systemClock(origin: number = Date.now() - performance.now()): Clock {
  const now = () => origin + performance.now();
  return { now, at: (at, fire) => new SystemTimer(now, at, fire) };
}

/** A clock for another thread that agrees with the sender's, who said `now` just now. */
export function clockAlignedTo(now: number): Clock {
  return systemClock(now - performance.now());
}
