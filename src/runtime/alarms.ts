/**
 * Alarms: the timers of one owner, by name, on one timer of the clock. Most limits of a run are never
 * reached: what is set and cleared again without being the next to ring costs a map entry.
 * @module
 */
import type { Clock, Timer } from "./clock.ts";

export class Alarms<Name> {
  readonly #dues = new Map<Name, number>();
  #timer: Timer | undefined;
  #timerAt = Infinity;

  /** @param ring called once for each alarm that becomes due, in the order in which they do */
  constructor(readonly clock: Clock, readonly ring: (name: Name) => void) {}

  /** Sets an alarm, or sets it anew. `at` is epoch milliseconds. */
  set(name: Name, at: number): void {
    this.#dues.set(name, at);
    if (at < this.#timerAt) this.#arm(at);
  }

  /** It will not ring. */
  clear(name: Name): void {
    if (this.#dues.delete(name) && this.#dues.size === 0) this.#disarm();
  }

  clearAll(): void {
    this.#dues.clear();
    this.#disarm();
  }

  #arm(at: number) {
    this.#timer?.clear();
    this.#timerAt = at;
    this.#timer = this.clock.at(at, () => this.#due());
  }

  #disarm() {
    this.#timer?.clear();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #due() {
    this.#disarm();
    const now = this.clock.now();
    // An alarm that rings may set and clear others.
    for (let next = this.#next(); next && next.at <= now; next = this.#next()) {
      this.#dues.delete(next.name);
      this.ring(next.name);
    }
    const next = this.#next();
    if (next) this.#arm(next.at);
  }

  #next(): { readonly name: Name; readonly at: number } | undefined {
    let next: { name: Name; at: number } | undefined;
    for (const [name, at] of this.#dues) if (!next || at < next.at) next = { name, at };
    return next;
  }
}
