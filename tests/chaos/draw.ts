/**
 * Draw: one of several things by their weights, from a seeded source.
 * @module
 */
import type { Rng } from "../../src/simulation/rng.ts";

export type Weighted<T> = readonly (readonly [weight: number, value: T])[];

export function draw<T>(choices: Weighted<T>, rng: Rng): T {
  let left = rng.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of choices) {
    if (left < weight) return value;
    left -= weight;
  }
  throw new Error("Cannot draw: there is nothing to draw from");
}
