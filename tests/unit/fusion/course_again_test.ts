/**
 * What follows a failed or slow ask: retries, fallbacks and hedges, as a table and by cases.
 */
import assert from "node:assert/strict";
import type { FailureCode } from "../../../src/protocol/failure.ts";
import {
  courseOf,
  type CourseScript,
  failure,
  type ScriptPlan,
  tokens,
} from "../../support/course_script.ts";

const RETRY = { maxAttempts: 2, maxWaitMs: 5_000, seed: "seed" };

function retrying(plan: ScriptPlan = {}): CourseScript {
  return courseOf({ retry: RETRY, ...plan });
}

const FALLBACK: ScriptPlan = {
  retry: RETRY,
  fallbackTimeoutMs: {
    members: [4_000],
    stages: { judge: 4_000, synthesis: 4_000, single: 4_000 },
  },
};

for (
  const code of [
    "http_400",
    "http_401",
    "http_403",
    "http_404",
    "http_4xx",
    "empty",
    "too_large",
    "cancelled",
    "overloaded",
    "circuit_open",
    "unsupported",
  ] satisfies FailureCode[]
) {
  Deno.test(`course() does not ask again after ${code}`, () => {
    const run = retrying().fails("M1", 50, failure(code, { retryable: true }));
    assert.deepEqual(run.open, ["M2", "M3"]);
  });
}

for (const code of ["connect", "http_429", "http_5xx", "malformed", "timeout"] as const) {
  Deno.test(`course() asks again after ${code}, after a wait of up to 100 ms`, () => {
    const run = retrying().fails("M1", 50, failure(code, { retryable: true }));
    assert.deepEqual(run.open, ["M2", "M3", "M1"]);
    assert.ok(run.startOf("M1") > 50 && run.startOf("M1") < 150, `${run.startOf("M1")}`);
    assert.equal(run.causeOf("M1"), "retry");
  });
}

Deno.test("course() does not ask again what the upstream's failure calls final", () => {
  const run = retrying().fails("M1", 50, failure("malformed", { retryable: false }));
  assert.deepEqual(run.open, ["M2", "M3"]);
});

Deno.test("course() asks one model as often as it may, each time after a longer bound", () => {
  const run = retrying({ retry: { ...RETRY, maxAttempts: 4 } });
  for (const bound of [100, 200, 400]) {
    const at = run.startOf("M1") + 10;
    run.fails("M1", at);
    const waited = run.startOf("M1") - at;
    assert.ok(waited >= 0 && waited < bound, `${waited} of ${bound}`);
  }
  run.fails("M1", run.startOf("M1") + 10);
  assert.equal(run.statuses.M1, "http_5xx http_5xx http_5xx http_5xx");
  assert.deepEqual(run.open, ["M2", "M3"]);
});

Deno.test("course() draws other waits from another seed, and the same from the same", () => {
  const startOf = (seed: string) =>
    retrying({ retry: { ...RETRY, seed } }).fails("M1", 50).startOf("M1");
  assert.equal(startOf("one"), startOf("one"));
  assert.notEqual(startOf("one"), startOf("two"));
});

Deno.test("course() waits as long as the upstream asks, and no less", () => {
  const run = retrying().fails("M1", 50, failure("http_429", { retryAfterMs: 3_000 }));
  assert.ok(run.startOf("M1") >= 3_050 && run.startOf("M1") < 3_150);
});

Deno.test("course() does not wait longer than it may, nor beyond the panel's end", () => {
  const long = retrying().fails("M1", 50, failure("http_429", { retryAfterMs: 5_001 }));
  assert.deepEqual(long.open, ["M2", "M3"]);
  const late = retrying({ panelTimeoutMs: 2_000 })
    .fails("M1", 50, failure("http_429", { retryAfterMs: 2_000 }));
  assert.deepEqual(late.open, ["M2", "M3"]);
});

Deno.test("course() does not ask again where the process makes too many retries already", () => {
  const run = retrying().failsOverBudget("M1", 50);
  assert.deepEqual(run.open, ["M2", "M3"]);
});

Deno.test("course() does not ask a member again once there is a quorum", () => {
  const run = retrying().answers("M1", 50).answers("M2", 60).fails("M3", 70);
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() takes the answer to a retry, and counts the tokens of both", () => {
  const run = retrying({ slots: 2 }).fails("M1", 50, "http_5xx", tokens(3)).answers("M2", 60)
    .answers("M1", 200, { usage: tokens(4) });
  assert.deepEqual(run.open, ["judge"]);
  assert.equal(run.spent, 7);
});

Deno.test("course() ends a retry that waits with its layer, unsent", () => {
  const run = retrying().fails("M1", 50).answers("M2", 60).answers("M3", 70).rings("grace");
  assert.deepEqual(run.open, ["judge"]);
  assert.deepEqual(run.cancelled, ["M1"]);
});

Deno.test("course() tells of a member whose retry was cut off why it had failed", () => {
  const run = retrying().fails("M1", 50, "http_429").fails("M2", 60, "http_400")
    .fails("M3", 70, "http_400");
  assert.equal(run.end, "panel_quorum_not_met");
  assert.equal(run.statuses.M1, "http_429 cancelled");
});

for (const stage of ["judge", "synthesis"] as const) {
  Deno.test(`course() asks the ${stage} model again too`, () => {
    const run = retrying({ slots: 2 }).answers("M1", 50).answers("M2", 60);
    if (stage === "synthesis") run.answers("judge", 100);
    run.fails(stage, 150).answers(stage, 400);
    assert.equal(run.statuses[stage], "http_5xx answered");
  });
}

Deno.test("course() never asks again when the answer has begun to reach the client", () => {
  const run = courseOf({ route: "single", ...FALLBACK }).firstDelta(50).fails(
    "single",
    60,
    "connect",
  );
  assert.equal(run.end, "upstream_error");
});

Deno.test("course() asks a slot's fallback when its model has failed for good", () => {
  const run = courseOf(FALLBACK).fails("M1", 50).fails("M1", 200);
  assert.deepEqual(run.open, ["M2", "M3", "M1"]);
  assert.deepEqual([run.causeOf("M1"), run.targetOf("M1")], ["fallback", "fallback"]);
  assert.equal(run.startOf("M1"), 200);
  assert.equal(run.timeoutOf("M1"), 4_200);
  run.answers("M1", 300);
  assert.equal(run.state.answers[0]?.target, "fallback");
});

for (
  const code of ["http_400", "http_401", "http_404", "circuit_open", "empty", "timeout"] as const
) {
  Deno.test(`course() asks a slot's fallback at once after ${code}`, () => {
    const run = courseOf({ ...FALLBACK, retry: { ...RETRY, maxAttempts: 1 } }).fails(
      "M1",
      50,
      code,
    );
    assert.deepEqual([run.targetOf("M1"), run.startOf("M1")], ["fallback", 50]);
  });
}

for (const code of ["cancelled", "crashed", "overloaded"] as const) {
  Deno.test(`course() asks no fallback after ${code}: another model would fare no better`, () => {
    const run = courseOf(FALLBACK).fails("M1", 50, failure(code, { retryable: false }));
    assert.deepEqual(run.open, ["M2", "M3"]);
  });
}

Deno.test("course() asks a fallback where there is no budget for a retry", () => {
  assert.equal(courseOf(FALLBACK).failsOverBudget("M1", 50).targetOf("M1"), "fallback");
});

Deno.test("course() asks a fallback again like any model, and then lets the failure stand", () => {
  const run = courseOf(FALLBACK);
  for (let asked = 0; asked < 4; asked++) run.fails("M1", run.startOf("M1") + 10);
  assert.equal(run.statuses.M1, "http_5xx http_5xx http_5xx http_5xx");
  assert.deepEqual(run.open, ["M2", "M3"]);
});

Deno.test("course() gives a stage's fallback the time of its own call", () => {
  const run = courseOf({
    ...FALLBACK,
    route: "single",
    deadlineMs: 60_000,
    callTimeoutMs: { router: 1_000, judge: 1_000, synthesis: 1_000, single: 1_000 },
  });
  assert.equal(run.timers.stage, 5_000);
  run.fails("single", 1_000, "timeout");
  assert.deepEqual([run.targetOf("single"), run.timeoutOf("single")], ["fallback", 5_000]);
  assert.equal(run.answers("single", 2_000).end, "single");
});

const HEDGED: ScriptPlan = {
  hedgeAfterMs: { members: [300, 300, 300], stages: { judge: 200 } },
};

Deno.test("course() asks a slow slot a second time, and the first answer wins", () => {
  const run = courseOf({ ...HEDGED, slots: 2 });
  assert.equal(run.timers["hedge.panel.0.0.0"], 300);
  run.rings("hedge.panel.0.0.0");
  assert.deepEqual(run.open, ["M1", "M2", "M1"]);
  assert.deepEqual([run.causeOf("M1"), run.targetOf("M1")], ["hedge", "primary"]);
  run.answers("M1", 350);
  assert.deepEqual(run.cancelled, ["M1"]);
  assert.deepEqual(run.open, ["M2"]);
  assert.equal(run.statuses.M1, "cancelled answered");
});

Deno.test("course() takes the slow call's own answer, and cancels the hedge", () => {
  const run = courseOf({ ...HEDGED, slots: 2 }).rings("hedge.panel.0.0.0")
    .answers("panel.0.0.0", 400);
  assert.equal(run.statuses.M1, "answered cancelled");
  assert.equal(run.state.answers.length, 1);
});

Deno.test("course() counts what the loser of a hedge cost", () => {
  const run = courseOf({ ...HEDGED, slots: 2 }).rings("hedge.panel.0.0.0")
    .answers("M1", 400, { usage: tokens(5) });
  run.fails("panel.0.0.0", 410, "cancelled", tokens(2));
  assert.equal(run.spent, 7);
});

Deno.test("course() hedges with the slot's fallback where it has one", () => {
  const run = courseOf({ ...FALLBACK, ...HEDGED }).rings("hedge.panel.0.0.0");
  assert.equal(run.targetOf("M1"), "fallback");
  run.fails("M1", 400).fails("panel.0.0.0", 500);
  assert.equal(run.targetOf("M1"), "primary", "the fallback was asked already");
});

Deno.test("course() waits for the other call of a hedged slot when one has failed", () => {
  const run = courseOf({ ...HEDGED, minQuorum: 3 }).rings("hedge.panel.0.0.0")
    .fails("panel.0.0.0", 400);
  assert.equal(run.end, undefined);
  run.fails("M1", 500);
  assert.equal(run.end, "panel_quorum_not_met");
});

Deno.test("course() does not hedge a slot that has answered or failed, or once there is a quorum", () => {
  const run = courseOf(HEDGED).answers("M1", 100);
  assert.equal(run.timers["hedge.panel.0.0.0"], undefined);
  run.answers("M2", 110).rings("hedge.panel.0.2.0", 300);
  assert.deepEqual(run.open, ["M3"]);
});

Deno.test("course() hedges the judge, and sets no hedge beyond a stage's end", () => {
  const run = courseOf({ ...HEDGED, slots: 2 }).answers("M1", 50).answers("M2", 60);
  run.rings("hedge.judge.0.0.0").answers("judge", 280);
  assert.deepEqual(run.open, ["synthesis"]);
  assert.deepEqual(run.cancelled, ["judge"]);
  const short = courseOf({ ...HEDGED, panelTimeoutMs: 300 });
  assert.equal(short.timers["hedge.panel.0.0.0"], undefined);
});
