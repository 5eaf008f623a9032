import assert from "node:assert/strict";
import { drawFault, spoil } from "../../../src/simulation/faults.ts";
import { jsonPlan } from "../../../src/simulation/plan.ts";
import { seededRng } from "../../../src/simulation/rng.ts";
import { resolveModel } from "../../../src/simulation/simulated_model.ts";

const model = resolveModel({ name: "m", dripMs: 7 });
const bodyOf = (plan: { parts: Iterable<{ bytes: string | Uint8Array }> }): string =>
  [...plan.parts].map(({ bytes }) =>
    typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes)
  ).join("");

Deno.test("drawFault() meets each fault about as often as its rate says", () => {
  const faulty = resolveModel({ name: "m", failures: { http500: 0.2, hang: 0.1, drip: 0.05 } });
  const counts = new Map<string | null, number>();
  for (let number = 0; number < 10_000; number++) {
    const fault = drawFault(faulty, seededRng("faults", number));
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
  }
  const share = (fault: string | null): number => (counts.get(fault) ?? 0) / 10_000;
  assert.ok(Math.abs(share("http500") - 0.2) < 0.02);
  assert.ok(Math.abs(share("hang") - 0.1) < 0.02);
  assert.ok(Math.abs(share("drip") - 0.05) < 0.02);
  assert.ok(Math.abs(share(null) - 0.65) < 0.02);
  assert.equal(counts.size, 4);
});

Deno.test("drawFault() always meets a certain fault and never an impossible one", () => {
  const rng = seededRng(1);
  const certain = resolveModel({ name: "m", failures: { cut: 1 } });
  for (let draw = 0; draw < 100; draw++) {
    assert.equal(drawFault(certain, rng), "cut");
    assert.equal(drawFault(model, rng), null);
  }
});

Deno.test("spoil() cuts inside the body", () => {
  const plan = jsonPlan({ text: "x".repeat(1_000) });
  for (let seed = 0; seed < 50; seed++) {
    const { cutAfterBytes } = spoil(plan, "cut", { model, rng: seededRng(seed) });
    assert.ok(cutAfterBytes! > 0 && cutAfterBytes! < 1_000);
  }
});

Deno.test("spoil() makes a malformed body no JSON and no answer", () => {
  const plan = jsonPlan({ text: "x" });
  for (let seed = 0; seed < 50; seed++) {
    const spoilt = spoil(plan, "malformed", { model, rng: seededRng(seed) });
    assert.throws(() => JSON.parse(bodyOf(spoilt)));
    assert.equal(spoilt.unusable, true);
    assert.equal(spoilt.status, 200);
  }
});

Deno.test("spoil() drips a body byte by byte without changing it", () => {
  const plan = jsonPlan({ text: "é" });
  const dripped = spoil(plan, "drip", { model, rng: seededRng(1) });
  const parts = [...dripped.parts];
  assert.ok(parts.every(({ bytes, afterMs }) => bytes.length === 1 && afterMs === 7));
  const whole = new Uint8Array(parts.map(({ bytes }) => (bytes as Uint8Array)[0]!));
  assert.equal(new TextDecoder().decode(whole), bodyOf(plan));
});

Deno.test("spoil() leaves a sound plan alone", () => {
  const plan = jsonPlan({});
  assert.equal(spoil(plan, null, { model, rng: seededRng(1) }), plan);
});
