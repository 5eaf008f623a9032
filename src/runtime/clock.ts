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

/** Longest delay that the platform's timer can carry: a signed 32-bit count of milliseconds. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * Stands on one timer of the platform, set to the first instant that is waited for. Nearly every
 * timer here is a limit that is cleared long before it is due, and so costs next to nothing.
 */
class SystemClock implements Clock {
  readonly #timers = new Set<SystemTimer>();
  #alarm: ReturnType<typeof setTimeout> | undefined;
  #alarmAt = Infinity;

  constructor(readonly origin: number) {}

  now(): number {
    return this.origin + performance.now();
  }

  at(at: number, fire: () => void): Timer {
    const timer = new SystemTimer(at, fire, this.#clear);
    this.#timers.add(timer);
    if (at < this.#alarmAt) this.#setAlarm(at);
    return timer;
  }

  // The alarm stays, for whoever else it may serve; one for nobody would keep the process alive.
  readonly #clear = (timer: SystemTimer) => {
    if (this.#timers.delete(timer) && this.#timers.size === 0) this.#clearAlarm();
  };

  #setAlarm(at: number) {
    this.#clearAlarm();
    const ms = Math.ceil(Math.min(Math.max(0, at - this.now()), LONGEST_DELAY_MS));
    this.#alarm = setTimeout(() => this.#ring(), ms);
    this.#alarmAt = at;
  }

  #clearAlarm() {
    clearTimeout(this.#alarm);
    this.#alarmAt = Infinity;
  }

  #ring() {
    this.#alarmAt = Infinity;
    const now = this.now();
    const due = [...this.#timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    try {
      for (const timer of due) if (this.#timers.delete(timer)) timer.fire();
    } finally {
      let next = Infinity;
      for (const { at } of this.#timers) next = Math.min(next, at);
      if (next < this.#alarmAt) this.#setAlarm(next);
    }
  }
}

class SystemTimer implements Timer {
  constructor(
    readonly at: number,
    readonly fire: () => void,
    readonly cleared: (timer: SystemTimer) => void,
  ) {}

  clear(): void {
    this.cleared(this);
  }

  [Symbol.dispose](): void {
    this.cleared(this);
  }
}

/** The system's clock; `origin` is the epoch time at which `performance.now()` was zero. */
export function systemClock(origin: number = Date.now() - performance.now()): Clock {
  return new SystemClock(origin);
}

/** A clock for another thread that agrees with the sender's, who said `now` just now. */
export function clockAlignedTo(now: number): Clock {
  return systemClock(now - performance.now());
}
