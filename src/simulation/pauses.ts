/**
 * Pauses: every wait of the simulation. A wait ends when its time is over, when its client has left,
 * or when the simulation closes, and says which; none outlives the simulation.
 * @module
 */
import type { SimulationClock } from "./simulation_clock.ts";

/** Why a wait ended. */
export type PauseEnd = "over" | "aborted" | "closed";

export interface Pause {
  readonly ended: Promise<PauseEnd>;
  /** Ends the wait now. Later calls do nothing. */
  end(how: PauseEnd): void;
}

export class Pauses {
  readonly #clock: SimulationClock;
  readonly #open = new Set<Pause>();
  #closed = false;

  constructor(clock: SimulationClock) {
    this.#clock = clock;
  }

  /** Waits `ms` milliseconds; `Infinity` waits for {@linkcode Pause.end} alone. */
  start(ms: number): Pause {
    const { promise, resolve } = Promise.withResolvers<PauseEnd>();
    const timer = Number.isFinite(ms) && !this.#closed
      ? this.#clock.at(this.#clock.now() + ms, () => pause.end("over"))
      : undefined;
    const pause: Pause = {
      ended: promise,
      end: (how) => {
        if (!this.#open.delete(pause)) return;
        timer?.clear();
        resolve(how);
      },
    };
    this.#open.add(pause);
    if (this.#closed) pause.end("closed");
    return pause;
  }

  /** Ends every wait, and every later one at once. */
  close(): void {
    this.#closed = true;
    for (const pause of [...this.#open]) pause.end("closed");
  }
}
