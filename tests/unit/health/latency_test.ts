import assert from "node:assert/strict";
import { Latency } from "../../../src/health/latency.ts";

function latencyOf(...ms: number[]): Latency {
  const latency = new Latency();
  for (const each of ms) latency.add(each);
  return latency;
}

Deno.test("Latency says nothing until it has seen twenty calls", () => {
  const few = latencyOf(...Array(19).fill(10));
  assert.equal(few.p95, undefined);
  few.add(10);
  assert.equal(few.p95, 10);
});

Deno.test("Latency is what 95 of 100 calls keep within", () => {
  assert.equal(latencyOf(...Array.from({ length: 100 }, (_, i) => 100 - i)).p95, 95);
});

Deno.test("Latency follows a model that has become slower, and forgets what it was", () => {
  const latency = latencyOf(...Array(128).fill(10));
  assert.equal(latency.p95, 10);
  for (let call = 0; call < 128; call++) latency.add(500);
  assert.equal(latency.p95, 500);
});
