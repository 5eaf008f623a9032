import assert from "node:assert/strict";
import { courseOf, type CourseScript, type ScriptPlan } from "../../support/course_script.ts";

/** A course of two members that answer every layer up to, not including, `layer`. */
function inLayer(layer: number, plan: ScriptPlan): CourseScript {
  const run = courseOf({ slots: 2, ...plan });
  for (let each = 0; each < layer; each++) {
    run.answers("M1", 100 * each + 50).answers("M2", 100 * each + 100);
  }
  return run;
}

for (const layers of [1, 2, 3, 4]) {
  Deno.test(`course() asks the panel ${layers} times for ${layers} layers, then the judge`, () => {
    const run = inLayer(layers, { layers });
    assert.deepEqual(run.open, ["judge"]);
    assert.equal(run.state.asks.filter(({ stage }) => stage === "panel").length, 2 * layers);
    assert.ok(run.state.layerAnswers.every(({ layer }) => layer === layers - 1));
  });
}

Deno.test("course() falls back to the layer before when a later one cannot reach its quorum", () => {
  const run = inLayer(1, { layers: 3 }).fails("M2", 150);
  assert.deepEqual(run.open, ["judge"]);
  assert.deepEqual(run.cancelled, ["M1"]);
  assert.deepEqual(run.state.layerAnswers.map(({ layer }) => layer), [0, 0]);
});

Deno.test("course() falls back to the layer before when a later one's time is over", () => {
  const run = inLayer(1, { layers: 2, panelTimeoutMs: 1_000 }).answers("M1", 400).rings("panel");
  assert.deepEqual(run.open, ["judge"]);
  assert.equal(run.state.asks.find(({ id }) => id === "panel.1.1.0")?.status, "timeout");
});

Deno.test("course() gives the best answer of the layer before at the deadline", () => {
  const run = inLayer(1, { layers: 2 }).answers("M1", 150).rings("deadline");
  assert.equal(run.end, "best_answer");
  assert.deepEqual(run.state.layerAnswers.map(({ layer }) => layer), [0, 0]);
});

Deno.test("course() does not wait for more than a quorum in a later layer's fallback", () => {
  const run = inLayer(1, { layers: 2, belowQuorum: "best_answer" }).fails("M1", 150);
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() gives a layer's only answer as it is", () => {
  const run = inLayer(1, { layers: 2, minQuorum: 1 }).fails("M1", 150).answers("M2", 200);
  assert.equal(run.end, "best_answer");
  assert.deepEqual(run.state.layerAnswers.map(({ layer, slot }) => [layer, slot]), [[1, 1]]);
});

Deno.test("course() starts no further layer for an only answer", () => {
  const run = courseOf({ slots: 2, minQuorum: 1, layers: 3 }).fails("M1", 50).answers("M2", 100);
  assert.equal(run.end, "best_answer");
});

Deno.test("course() shares what is left of the panel's time evenly among the layers left", () => {
  const run = courseOf({ slots: 2, layers: 3 });
  assert.equal(run.timers.share, 2_000);
  run.answers("M1", 500).answers("M2", 1_000);
  assert.equal(run.timers.share, 3_500, "a quick layer leaves its time to the others");
});

Deno.test("course() starts no further layer when the panel's share of the deadline is over", () => {
  const run = courseOf({ slots: 2, layers: 3 }).answers("M1", 500).rings("share")
    .answers("M2", 6_500);
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() gives each layer a grace and a crash of its own", () => {
  const run = courseOf({ layers: 2 }).fails("M1", 10, "crashed").answers("M1", 100)
    .answers("M2", 200).rings("grace");
  assert.equal(run.timers.grace, undefined);
  run.fails("M1", 500, "crashed").answers("M2", 600).answers("M3", 850);
  assert.equal(run.timers.grace, 850 + 250);
  assert.deepEqual(run.open, ["M1"]);
});
