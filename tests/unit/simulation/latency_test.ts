import assert from "node:assert/strict";
import { drawFirstTokenMs, writingMs } from "../../../src/simulation/latency.ts";
import { seededRng } from "../../../src/simulation/rng.ts";
import { resolveModel } from "../../../src/simulation/simulated_model.ts";

Deno.test("drawFirstTokenMs() keeps a fixed time", () => {
  const model = resolveModel({ name: "m", firstTokenMs: 40 });
  assert.equal(drawFirstTokenMs(model, seededRng(1)), 40);
});

Deno.test("drawFirstTokenMs() spreads a log-normal time around its median", () => {
  const model = resolveModel({ name: "m", firstTokenMs: { median: 200, sigma: 0.5 } });
  const rng = seededRng("latency");
  const drawn = Array.from({ length: 5_001 }, () => drawFirstTokenMs(model, rng)).sort((a, b) =>
    a - b
  );
  assert.ok(Math.abs(drawn[2_500]! - 200) < 10, `median ${drawn[2_500]}`);
  // One deviation up multiplies by e^sigma: the 84th percentile.
  assert.ok(Math.abs(drawn[4_207]! - 200 * Math.exp(0.5)) < 25, `p84 ${drawn[4_207]}`);
  assert.ok(drawn[0]! > 0);
});

Deno.test("writingMs() is the tokens over the rate, and nothing at infinite rate", () => {
  assert.equal(writingMs(resolveModel({ name: "m", tokensPerSecond: 50 }), 25), 500);
  assert.equal(writingMs(resolveModel({ name: "m" }), 25), 0);
});
