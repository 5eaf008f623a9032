import assert from "node:assert/strict";
import { courseOf, failure, tokens } from "../../support/course_script.ts";

Deno.test("course() asks every member at once, each for its slot, and sets the deadline", () => {
  const run = courseOf({ slots: 3 });
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
  assert.equal(run.timers.deadline, 10_000);
  assert.equal(run.end, undefined);
});

Deno.test("course() goes on to the judge at once when every member has answered", () => {
  const run = courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 150);
  assert.deepEqual(run.open, ["judge"]);
  assert.deepEqual(run.cancelled, []);
  assert.deepEqual(run.moments, ["panel_closed 150"]);
});

Deno.test("course() goes on at once when the last straggler fails after the quorum", () => {
  const run = courseOf().answers("M1", 100).answers("M2", 150).fails("M3", 200);
  assert.deepEqual(run.open, ["judge"]);
  assert.deepEqual(run.statuses, { M1: "answered", M2: "answered", M3: "http_5xx", judge: "open" });
});

Deno.test("course() waits for stragglers half as long as the quorum took", () => {
  const run = courseOf({ slots: 4 }).answers("M3", 400).answers("M1", 1_000);
  assert.equal(run.timers.grace, 1_500);
  run.rings("grace");
  assert.deepEqual(run.cancelled, ["M2", "M4"]);
  assert.deepEqual(run.open, ["judge"]);
  assert.equal(run.statuses.M2, "cancelled");
  assert.deepEqual(run.moments, ["quorum 1000", "grace_over 1500", "panel_closed 1500"]);
});

for (
  const { took, grace, why } of [
    { took: 40, grace: 250, why: "250 ms at least" },
    { took: 30_000, grace: 8_000, why: "8 s at most" },
  ]
) {
  Deno.test(`course() gives stragglers ${why}`, () => {
    const run = courseOf({ deadlineMs: 100_000 }).answers("M1", 1).answers("M2", took);
    assert.equal(run.timers.grace, took + grace);
  });
}

Deno.test("course() gives stragglers the configured grace, to the millisecond", () => {
  assert.equal(courseOf({ graceMs: 30 }).answers("M1", 1).answers("M2", 500).timers.grace, 530);
});

Deno.test("course() takes a straggler's answer in the grace, and never starts the grace anew", () => {
  const run = courseOf({ slots: 4 }).answers("M1", 100).answers("M2", 1_000).answers("M3", 1_400);
  assert.equal(run.timers.grace, 1_500);
  run.rings("grace");
  assert.equal(run.statuses.M3, "answered");
  assert.deepEqual(run.state.layerAnswers.map(({ slot }) => slot), [0, 1, 2]);
});

Deno.test("course() counts what a late answer cost, and does nothing else for it", () => {
  const run = courseOf().answers("M1", 100).answers("M2", 200).rings("grace");
  const before = run.state;
  run.answers("M3", 900, { usage: tokens(7) });
  assert.deepEqual(run.last, []);
  assert.equal(run.spent, 7);
  assert.equal(run.statuses.M3, "cancelled");
  assert.deepEqual(run.state.layerAnswers, before.layerAnswers);
});

Deno.test("course() counts what a cancelled ask reports when it fails", () => {
  const run = courseOf().answers("M1", 100).answers("M2", 200).rings("grace")
    .fails("M3", 460, "cancelled", tokens(3));
  assert.equal(run.spent, 3);
  assert.deepEqual(run.last, []);
});

Deno.test("course() counts an ask's tokens once, however often it ends", () => {
  const run = courseOf().answers("M1", 100, { usage: tokens(5) });
  run.answers("M1", 110, { usage: tokens(5) }).fails("M1", 120, "http_5xx", tokens(5));
  assert.equal(run.spent, 5);
  assert.deepEqual(run.statuses.M1, "answered");
  assert.equal(run.state.answers.length, 1);
});

Deno.test("course() ignores the end of an ask that it never made", () => {
  const run = courseOf();
  const before = run.state;
  run.tell({ type: "answered", at: before.plan.startedAt, ask: "panel.9.9.9", usage: tokens(1) });
  assert.deepEqual([run.last, run.state], [[], before]);
});

Deno.test("course() ends at once when the quorum has become impossible", () => {
  const run = courseOf().fails("M1", 50, "http_5xx").fails("M3", 60, "connect");
  assert.equal(run.end, "panel_quorum_not_met");
  assert.deepEqual(run.cancelled, ["M2"]);
  assert.deepEqual(run.statuses, { M1: "http_5xx", M2: "cancelled", M3: "connect" });
  assert.equal(
    run.ending?.type === "failed" && run.ending.message,
    "Cannot reach quorum: 0 of 2 members answered and the others failed",
  );
});

Deno.test("course() ends at the panel's own time limit without a quorum", () => {
  const run = courseOf({ panelTimeoutMs: 3_000 }).answers("M1", 100).rings("panel");
  assert.equal(run.end, "panel_quorum_not_met");
  assert.deepEqual(run.statuses, { M1: "answered", M2: "timeout", M3: "timeout" });
  assert.match(
    run.ending?.type === "failed" ? run.ending.message : "",
    /1 of 2 members answered before the panel's time was over/,
  );
});

Deno.test("course() cuts the grace off at the panel's own time limit", () => {
  const run = courseOf({ panelTimeoutMs: 3_000 }).answers("M1", 100).answers("M2", 2_900);
  assert.equal(run.timers.grace, 4_350);
  run.rings("panel", 3_000);
  assert.deepEqual(run.open, ["judge"]);
  assert.equal(run.statuses.M3, "timeout");
});

Deno.test("course() leaves a panel limit that the deadline forestalls to the deadline", () => {
  for (const panelTimeoutMs of [10_000, 20_000]) {
    const run = courseOf({ panelTimeoutMs, deadlineMs: 10_000 });
    assert.equal(run.timers.panel, undefined);
    run.rings("deadline");
    assert.equal(run.end, "deadline_exceeded");
    assert.match(
      run.ending?.type === "failed" ? run.ending.message : "",
      /^Cannot reach quorum: 0 of 2 members answered before the deadline$/,
    );
    assert.deepEqual(run.statuses, { M1: "timeout", M2: "timeout", M3: "timeout" });
  }
});

Deno.test("course() closes the panel with its quorum when its share of the deadline is over", () => {
  const run = courseOf({ graceMs: 9_000 }).answers("M1", 100).answers("M2", 200);
  assert.equal(run.timers.share, 6_000);
  run.rings("share");
  assert.deepEqual(run.open, ["judge"]);
  assert.equal(run.statuses.M3, "cancelled");
});

Deno.test("course() goes on beyond the panel's share without a quorum, but then without a grace", () => {
  const run = courseOf().answers("M1", 100).rings("share");
  assert.deepEqual(run.open, ["M2", "M3"]);
  run.answers("M3", 7_000);
  assert.deepEqual(run.open, ["judge"]);
  assert.deepEqual(run.cancelled, ["M2"]);
  assert.equal(run.timers.grace, undefined);
});

Deno.test("course() takes a quorum that comes in the deadline's own tick", () => {
  const run = courseOf().answers("M1", 100).answers("M2", 10_000).rings("deadline", 10_000);
  assert.equal(run.end, "best_answer");
  assert.equal(run.state.layerAnswers.length, 2);
});

Deno.test("course() ignores a quorum that comes after the deadline in the same tick", () => {
  const run = courseOf().answers("M1", 100).rings("deadline").answers("M2", 10_000);
  assert.equal(run.end, "deadline_exceeded");
  assert.deepEqual(run.last, []);
});

Deno.test("course() gives a single answer as it is: it is neither judged nor synthesized", () => {
  const run = courseOf({ slots: 2, minQuorum: 1 }).fails("M1", 50).answers("M2", 300);
  assert.equal(run.end, "best_answer");
  assert.equal(run.state.asks.some(({ stage }) => stage !== "panel"), false);
});

Deno.test("course() synthesizes more answers than a quorum of one asks for", () => {
  const run = courseOf({ slots: 2, minQuorum: 1 }).answers("M1", 50).answers("M2", 90);
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() below its quorum gives the best answer where the profile says so", () => {
  const run = courseOf({ belowQuorum: "best_answer" })
    .answers("M1", 50).fails("M2", 60).fails("M3", 70);
  assert.equal(run.end, "best_answer");
  assert.deepEqual(run.state.layerAnswers.map(({ text }) => text), ["M1 says"]);
});

Deno.test("course() below its quorum waits for an answer where any answer is good", () => {
  const run = courseOf({ belowQuorum: "best_answer" }).fails("M1", 50).fails("M2", 60);
  assert.equal(run.end, undefined, "the third member may still answer");
  run.answers("M3", 900);
  assert.equal(run.end, "best_answer");
});

Deno.test("course() below its quorum waits no longer than the grace after what is still possible", () => {
  const run = courseOf({ belowQuorum: "best_answer", slots: 4, minQuorum: 4, graceMs: 100 })
    .answers("M1", 50).answers("M2", 60).fails("M3", 70);
  assert.deepEqual(run.open, ["M4"]);
  assert.equal(run.timers.grace, undefined, "three answers are still possible");
  run.fails("M4", 80);
  assert.equal(run.end, "best_answer");
});

Deno.test("course() below its quorum fails where no member answered, whatever the profile says", () => {
  const run = courseOf({ belowQuorum: "best_answer" })
    .fails("M1", 50).fails("M2", 60).fails("M3", 70);
  assert.equal(run.end, "panel_quorum_not_met");
});

Deno.test("course() below its quorum gives the best answer at the deadline too", () => {
  const run = courseOf({ belowQuorum: "best_answer" }).answers("M2", 50).rings("deadline");
  assert.equal(run.end, "best_answer");
});

Deno.test("course() asks once more for what a crash took, and only once", () => {
  const run = courseOf({ panelTimeoutMs: 4_000 }).fails("M1", 50, "crashed");
  assert.deepEqual(run.open, ["M2", "M3", "M1"]);
  assert.equal(run.timeoutOf("M1"), 4_000, "the panel's time is not given anew");
  assert.equal(run.startOf("M1"), 100, "a little later, when what killed one is over");
  run.fails("M1", 190, "crashed");
  assert.deepEqual(run.open, ["M2", "M3"]);
  assert.deepEqual(run.statuses.M1, "crashed crashed");
});

Deno.test("course() takes the answer to the second ask after a crash", () => {
  const run = courseOf({ slots: 2 }).fails("M1", 50, "crashed").answers("M2", 80).answers("M1", 90);
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() asks once more when there was no worker to ask", () => {
  assert.deepEqual(courseOf().fails("M1", 50, "unavailable").open, ["M2", "M3", "M1"]);
});

Deno.test("course() does not ask again after a crash that would repeat itself", () => {
  const run = courseOf().fails("M1", 50, failure("crashed", { retryable: false }));
  assert.deepEqual(run.open, ["M2", "M3"]);
});

Deno.test("course() does not ask again what an upstream refused", () => {
  for (const code of ["http_400", "http_401", "http_429", "http_5xx", "connect"] as const) {
    assert.deepEqual(courseOf().fails("M1", 50, code).open, ["M2", "M3"], code);
  }
});

Deno.test("course() gives each call the panel's time or its own backend's, whichever is less", () => {
  const run = courseOf({ panelTimeoutMs: 4_000, memberTimeoutMs: [500, 9_000, 4_000] });
  assert.deepEqual(["M1", "M2", "M3"].map((name) => run.timeoutOf(name)), [500, 4_000, 4_000]);
});

Deno.test("course() lets no call end by itself in the deadline's moment: the run is the judge", () => {
  const run = courseOf({ deadlineMs: 4_000, memberTimeoutMs: [3_999, 4_000, 4_001] });
  assert.deepEqual(["M1", "M2", "M3"].map((name) => run.timeoutOf(name)), [3_999, 5_000, 5_000]);
});
