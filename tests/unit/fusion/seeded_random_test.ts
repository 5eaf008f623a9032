import assert from "node:assert/strict";
import { seededRandom, shuffled } from "../../../src/fusion/seeded_random.ts";

const stream = (seed: string, length: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length }, random);
};

Deno.test("seededRandom() repeats itself for a seed and differs for another", () => {
  assert.deepEqual(stream("a", 20), stream("a", 20));
  assert.notDeepEqual(stream("a", 20), stream("b", 20));
  assert.notDeepEqual(stream("a/judge", 3), stream("a/judge2", 3));
});

Deno.test("seededRandom() spreads over [0, 1), from one stream and from the first of many", () => {
  for (
    const values of [
      stream("a", 10_000),
      Array.from({ length: 10_000 }, (_, at) => seededRandom(`req-${at}`)()),
    ]
  ) {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const value of values) tenths[Math.floor(value * 10)]!++;
    assert.ok(tenths.every((count) => count > 850 && count < 1150), `${tenths}`);
  }
});

Deno.test("shuffled() keeps every value and leaves its argument alone", () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const result = shuffled(values, seededRandom("s"));
  assert.deepEqual(values, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual([...result].sort(), values);
  assert.notDeepEqual(result, values);
});
