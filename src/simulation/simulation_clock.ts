/**
 * Simulation clock: the only way in which the simulation knows time, so that a test can hand in one
 * of its own. The gateway's own clock fits too.
 * @module
 */

export interface SimulationClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `fire` once, not before `at` (epoch milliseconds). */
  at(at: number, fire: () => void): { clear(): void };
}

/** Longest delay that a timer can carry: a signed 32-bit count of milliseconds. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: SimulationClock = {
  now: () => Date.now(),
  at: (at, fire) => {
    const timer = setTimeout(fire, Math.min(Math.max(0, at - Date.now()), LONGEST_DELAY_MS));
    return { clear: () => clearTimeout(timer) };
  },
};
