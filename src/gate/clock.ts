/**
 * Clock: time as the door needs it. The runtime's clock is one. Types only.
 * @module
 */

export interface Timer {
  clear(): void;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `fire` once, not before `at` (epoch milliseconds). */
  at(at: number, fire: () => void): Timer;
}
