import assert from "node:assert/strict";
import { embed } from "../../../src/simulation/embeddings.ts";

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

Deno.test("embed() puts texts that share words near each other, at length 1", () => {
  const sky = embed("Why is the sky blue?", 256);
  const alike = embed("The blue sky", 256);
  const other = embed("Database index for slow queries", 256);
  assert.ok(Math.abs(dot(sky, sky) - 1) < 1e-6);
  assert.ok(dot(sky, alike) > 0.9);
  assert.ok(dot(sky, other) < 0.3);
  assert.equal(embed("", 16).length, 16);
});
