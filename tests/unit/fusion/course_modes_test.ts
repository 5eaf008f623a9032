import assert from "node:assert/strict";
import type { CoursePlan } from "../../../src/fusion/course_state.ts";
import {
  courseOf,
  type CourseScript,
  type ScriptPlan,
  tokens,
} from "../../support/course_script.ts";

/** A course whose panel of two has answered by 200 ms. */
function panelDone(mode: NonNullable<CoursePlan["mode"]>, plan: ScriptPlan = {}): CourseScript {
  return courseOf({ slots: 2, mode, ...plan }).answers("M1", 100).answers("M2", 200);
}

const EARLY = {
  mode: "cascade",
  callTimeoutMs: { router: 9e4, judge: 9e4, synthesis: 9e4, single: 9e4 },
} as const;

for (const mode of ["vote", "consensus"] as const) {
  Deno.test(`course() in mode ${mode} answers at once where the panel has settled it`, () => {
    const run = panelDone(mode);
    assert.deepEqual(run.last.at(-1), { type: "decide", by: mode });
    assert.deepEqual(run.open, []);
    run.decides(1, 200);
    assert.deepEqual(run.ending, { type: "answered", rung: "fused", slot: 1 });
    assert.deepEqual(run.timers, {});
    assert.equal(run.moments.at(-1), mode === "vote" ? "voted 200" : "agreed 200");
  });

  Deno.test(`course() in mode ${mode} takes no second decision, nor one that nobody asked for`, () => {
    const run = courseOf({ slots: 2, mode }).decides(0, 50);
    assert.deepEqual(run.open, ["M1", "M2"]);
    run.answers("M1", 100).answers("M2", 200).decides(null, 200).decides(0, 210);
    assert.deepEqual(run.open, ["judge"]);
    assert.equal(run.end, undefined);
  });

  Deno.test(`course() in mode ${mode} gives an only answer without counting`, () => {
    const run = courseOf({ slots: 1, minQuorum: 1, mode }).answers("M1", 100);
    assert.equal(run.end, "best_answer");
  });
}

Deno.test("course() in mode consensus synthesizes where the panel does not agree", () => {
  const run = panelDone("consensus").decides(null, 200).answers("judge", 400);
  assert.deepEqual(run.open, ["synthesis"]);
  assert.equal(run.answers("synthesis", 900).end, "fused");
});

Deno.test("course() in mode vote lets the judge select where there is a tie", () => {
  const run = panelDone("vote").decides(null, 200).answers("judge", 400, { slot: 0 });
  assert.deepEqual(run.ending, { type: "answered", rung: "fused", slot: 0 });
});

Deno.test("course() in mode select gives what the judge picks, without a synthesis", () => {
  const run = panelDone("select");
  assert.deepEqual(run.open, ["judge"]);
  run.answers("judge", 400, { slot: 1 });
  assert.deepEqual(run.ending, { type: "answered", rung: "fused", slot: 1 });
  assert.equal(run.moments.at(-1), "selected 400");
  assert.equal(run.statuses.synthesis, undefined);
});

for (const mode of ["select", "vote"] as const) {
  const unjudged = () => {
    const run = panelDone(mode);
    return mode === "vote" ? run.decides(null, 200) : run;
  };

  Deno.test(`course() in mode ${mode} gives the best answer where the judge fails`, () => {
    const run = unjudged().fails("judge", 300, "malformed", tokens(7));
    assert.equal(run.end, "best_answer");
    assert.equal(run.spent, 7);
    assert.equal(run.ending?.type === "answered" && run.ending.otherwise?.type, "failed");
  });

  Deno.test(`course() in mode ${mode} gives the best answer where the judge takes too long`, () => {
    assert.equal(unjudged().rings("stage").end, "best_answer");
    assert.equal(unjudged().rings("deadline").end, "best_answer");
  });
}

Deno.test("course() in mode cascade asks no panel where the single model's answer stands", () => {
  const run = courseOf(EARLY);
  assert.deepEqual(run.open, ["single"]);
  run.answers("single", 300);
  assert.deepEqual(run.ending, { type: "answered", rung: "single", ask: "single.0.0.0" });
  assert.equal(run.state.trial, "stands");
});

Deno.test("course() in mode cascade asks the panel where the single answer shows a fault", () => {
  const run = courseOf(EARLY).answers("single", 300, { fault: "unsure", usage: tokens(5) });
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
  assert.deepEqual(run.moments, ["trial_unsure 300"]);
  run.answers("M1", 400).answers("M2", 500).answers("M3", 600).answers("judge", 700);
  assert.equal(run.answers("synthesis", 800).end, "fused");
  assert.equal(run.spent, 5);
});

Deno.test("course() in mode cascade asks the panel where the single model fails or is slow", () => {
  const failed = courseOf(EARLY).fails("single", 300, "http_400");
  assert.deepEqual(failed.open, ["M1", "M2", "M3"]);
  const slow = courseOf(EARLY);
  assert.equal(slow.timers.stage, 3_000);
  slow.rings("stage");
  assert.equal(slow.statuses.single, "timeout");
  assert.deepEqual(slow.open, ["M1", "M2", "M3"]);
  slow.answers("single", 3_100, { usage: tokens(3) });
  assert.deepEqual([slow.end, slow.spent], [undefined, 3]);
});

Deno.test("course() in mode cascade leaves a single route and an easy request to the single model", () => {
  assert.equal(
    courseOf({ ...EARLY, route: "single" }).answers("single", 300, { fault: "cut" }).end,
    "single",
  );
  const easy = courseOf({ ...EARLY, route: "classify" }).answers("router", 50, { text: "0.1" });
  assert.equal(easy.answers("single", 300, { fault: "cut" }).end, "single");
  const hard = courseOf({ ...EARLY, route: "classify" }).answers("router", 50, { text: "0.9" });
  assert.deepEqual(hard.answers("single", 300, { fault: "cut" }).open, ["M1", "M2", "M3"]);
});

/** A course whose synthesis of 500 ms is one-sided. */
function oneSided(plan: ScriptPlan = {}): CourseScript {
  return panelDone("synthesize", plan).answers("judge", 400)
    .answers("synthesis", 900, { oneSided: true, usage: tokens(4) });
}

Deno.test("course() has a one-sided answer written once more, and no more than that", () => {
  const run = oneSided();
  assert.deepEqual(run.open, ["synthesis"]);
  assert.equal(run.moments.at(-1), "one_sided 900");
  run.answers("synthesis", 1_500, { oneSided: true, usage: tokens(6) });
  assert.deepEqual(run.ending, { type: "answered", rung: "fused", ask: "synthesis.0.1.0" });
  assert.equal(run.spent, 10);
});

Deno.test("course() keeps the draft where writing it once more fails or takes too long", () => {
  const draft = { type: "answered", rung: "fused", ask: "synthesis.0.0.0" };
  assert.deepEqual(oneSided().fails("synthesis", 1_000, "http_400").ending, draft);
  assert.deepEqual(oneSided().rings("deadline").ending, draft);
  const limits = { router: 9e4, judge: 9e4, synthesis: 2_000, single: 9e4 };
  assert.deepEqual(oneSided({ callTimeoutMs: limits }).rings("stage").ending, draft);
});

Deno.test("course() writes nothing once more where there is less time left than it took", () => {
  assert.equal(oneSided({ deadlineMs: 1_399 }).end, "fused");
  assert.equal(oneSided({ deadlineMs: 1_400 }).end, undefined);
});

Deno.test("course() never writes once more what the client has begun to read", () => {
  const run = panelDone("synthesize").answers("judge", 400).firstDelta(500);
  assert.equal(run.answers("synthesis", 900, { oneSided: true }).end, "fused");
});
