import assert from "node:assert/strict";
import fc from "fast-check";
import { seededRng } from "../../../src/simulation/rng.ts";

const draws = (...key: (string | number)[]) => {
  const rng = seededRng(...key);
  return Array.from({ length: 20 }, () => rng.next());
};

Deno.test("seededRng() gives equal draws for equal keys", () => {
  fc.assert(fc.property(fc.string(), fc.integer(), (text, number) => {
    assert.deepEqual(draws(text, number), draws(text, number));
  }));
});

Deno.test("seededRng() tells the parts of its key apart", () => {
  assert.notDeepEqual(draws("a", 11), draws("a1", 1));
  assert.notDeepEqual(draws("model", 1), draws("model", 2));
});

Deno.test("seededRng() draws evenly from 0 to 1", () => {
  const rng = seededRng("even");
  const values = Array.from({ length: 10_000 }, () => rng.next());
  assert.ok(values.every((value) => value >= 0 && value < 1));
  const tenths = new Set(values.map((value) => Math.floor(value * 10)));
  assert.equal(tenths.size, 10);
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
});

Deno.test("seededRng() draws normally around 0 with deviation 1", () => {
  const rng = seededRng("normal");
  const values = Array.from({ length: 10_000 }, () => rng.normal());
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.05, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 0.05, `variance ${variance}`);
});

Deno.test("seededRng() picks every value sooner or later", () => {
  const rng = seededRng("pick");
  const picked = new Set(Array.from({ length: 100 }, () => rng.pick(["a", "b", "c"])));
  assert.deepEqual([...picked].sort(), ["a", "b", "c"]);
});
