import assert from "node:assert/strict";
import {
  courseOf,
  type CourseScript,
  type ScriptPlan,
  tokens,
} from "../../support/course_script.ts";

/** A course whose panel of two has answered by 200 ms. */
function judging(plan: ScriptPlan = {}): CourseScript {
  return courseOf({ slots: 2, ...plan }).answers("M1", 100).answers("M2", 200);
}

function synthesizing(plan: ScriptPlan = {}): CourseScript {
  return judging(plan).answers("judge", 400);
}

Deno.test("course() is fused by judge and synthesizer", () => {
  const run = synthesizing();
  assert.deepEqual(run.open, ["synthesis"]);
  run.answers("synthesis", 900);
  assert.equal(run.end, "fused");
  assert.deepEqual(run.timers, {});
});

Deno.test("course() is synthesized without an analysis when the judge fails", () => {
  const run = judging().fails("judge", 300, "malformed", tokens(11));
  assert.deepEqual(run.open, ["synthesis"]);
  run.answers("synthesis", 900);
  assert.equal(run.end, "no_judge");
  assert.equal(run.spent, 11);
});

Deno.test("course() gives the judge half of what is left of the deadline", () => {
  const run = judging({ deadlineMs: 4_200 });
  assert.equal(run.timers.stage, 2_200);
  run.rings("stage");
  assert.equal(run.statuses.judge, "timeout");
  assert.deepEqual(run.cancelled, ["judge"]);
  assert.deepEqual(run.open, ["synthesis"]);
  assert.equal(run.answers("synthesis", 2_500).end, "no_judge");
});

Deno.test("course() gives the judge no more than its call's own limit", () => {
  const run = judging({
    callTimeoutMs: { router: 60_000, judge: 500, synthesis: 60_000, single: 60_000 },
  });
  assert.equal(run.timers.stage, 700);
});

Deno.test("course() ignores what a judge says after its time", () => {
  const run = judging().rings("stage").answers("judge", 5_200, { usage: tokens(4) });
  assert.deepEqual(run.open, ["synthesis"]);
  assert.deepEqual(run.last, []);
  assert.equal(run.spent, 4);
  assert.equal(run.answers("synthesis", 5_300).end, "no_judge");
});

Deno.test("course() gives the best answer when synthesis fails before its first delta", () => {
  assert.equal(synthesizing().fails("synthesis", 500).end, "best_answer");
});

Deno.test("course() fails when synthesis breaks off after its first delta", () => {
  const run = synthesizing().firstDelta(450).fails("synthesis", 500, "connect");
  assert.equal(run.end, "upstream_error");
  assert.deepEqual(run.ending, {
    type: "failed",
    reason: "upstream_error",
    message: "The synthesizer's call failed: It was connect",
    failure: {
      code: "connect",
      source: "upstream",
      retryable: false,
      message: "It was connect",
    },
  });
});

Deno.test("course() gives the best answer when synthesis uses up its call's time", () => {
  const run = synthesizing({
    callTimeoutMs: { router: 60_000, judge: 60_000, synthesis: 1_000, single: 60_000 },
  });
  assert.equal(run.timers.stage, 1_400);
  run.rings("stage");
  assert.equal(run.end, "best_answer");
  assert.equal(run.statuses.synthesis, "timeout");
});

Deno.test("course() fails when a streamed synthesis uses up its call's time", () => {
  const run = synthesizing({
    callTimeoutMs: { router: 60_000, judge: 60_000, synthesis: 1_000, single: 60_000 },
  }).firstDelta(600).rings("stage");
  assert.equal(run.end, "upstream_error");
});

Deno.test("course() leaves a stage limit that the deadline forestalls to the deadline", () => {
  assert.equal(synthesizing().timers.stage, undefined);
});

Deno.test("course() notes the first delta once", () => {
  const run = synthesizing().firstDelta(450).firstDelta(460);
  assert.deepEqual(run.moments.slice(-1), ["first_token 450"]);
});

Deno.test("course() ignores a delta that cannot be", () => {
  const run = courseOf().firstDelta(50);
  assert.equal(run.state.streaming, false);
  assert.deepEqual(run.moments, []);
});

Deno.test("course() asks judge and synthesizer once more after a crash", () => {
  const run = judging().fails("judge", 300, "crashed");
  assert.deepEqual(run.open, ["judge"]);
  run.answers("judge", 400).fails("synthesis", 500, "crashed");
  assert.deepEqual(run.open, ["synthesis"]);
  assert.equal(run.answers("synthesis", 600).end, "fused");
});

Deno.test("course() goes on down the ladder after a second crash", () => {
  const run = judging().fails("judge", 300, "crashed").fails("judge", 320, "crashed");
  assert.deepEqual(run.open, ["synthesis"]);
  run.fails("synthesis", 400, "crashed").fails("synthesis", 500, "crashed");
  assert.equal(run.end, "best_answer");
});

Deno.test("course() does not ask again after a crash once the answer has begun", () => {
  const run = synthesizing().firstDelta(450).fails("synthesis", 500, "crashed");
  assert.deepEqual([run.open, run.end], [[], "upstream_error"]);
});

// ---- The single route

Deno.test("course() on the single route makes one call", () => {
  const run = courseOf({ route: "single" });
  assert.deepEqual(run.open, ["single"]);
  assert.equal(run.answers("single", 300).end, "single");
});

Deno.test("course() on the single route keeps what the upstream's failure says", () => {
  const run = courseOf({ route: "single" }).fails("single", 300, "http_429");
  assert.equal(run.end, "upstream_error");
  assert.equal(run.ending?.type === "failed" && run.ending.failure?.status, 429);
});

// ---- The router

Deno.test("course() asks the classifier first and fuses what it finds hard", () => {
  const run = courseOf({ route: "classify", slots: 2 });
  assert.deepEqual(run.open, ["router"]);
  run.answers("router", 80, { text: "0.5", usage: tokens(9) });
  assert.deepEqual(run.open, ["M1", "M2"]);
  assert.equal(run.spent, 9);
});

Deno.test("course() gives what the classifier finds easy to the single model", () => {
  const run = courseOf({ route: "classify" }).answers("router", 80, { text: "0.49" });
  assert.deepEqual(run.open, ["single"]);
  assert.equal(run.answers("single", 300).end, "single");
});

Deno.test("course() fuses when the classifier says nothing that is a score", () => {
  const run = courseOf({ route: "classify" }).answers("router", 80, { text: "hard to say" });
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
});

Deno.test("course() fuses when the classifier fails, and counts what it cost", () => {
  const run = courseOf({ route: "classify" }).fails("router", 80, "http_5xx", tokens(2));
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
  assert.equal(run.spent, 2);
});

Deno.test("course() gives the classifier a quarter of the deadline, then fuses", () => {
  const run = courseOf({ route: "classify" });
  assert.equal(run.timers.stage, 2_500);
  run.rings("stage");
  assert.deepEqual(run.cancelled, ["router"]);
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
  run.answers("router", 2_600, { text: "0", usage: tokens(9) });
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
  assert.equal(run.spent, 9);
});

Deno.test("course() gives the classifier no more than its call's own limit", () => {
  const run = courseOf({
    route: "classify",
    callTimeoutMs: { router: 400, judge: 1, synthesis: 1, single: 1 },
  });
  assert.equal(run.timers.stage, 400);
});
