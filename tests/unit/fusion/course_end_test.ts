import assert from "node:assert/strict";
import type { TimerName } from "../../../src/fusion/course_state.ts";
import { courseOf, type CourseScript } from "../../support/course_script.ts";

/** A course in each of its phases, the grace and the stream counted as phases of their own. */
const PHASES: readonly { phase: string; begin: () => CourseScript; atDeadline: string }[] = [
  {
    phase: "routing",
    begin: () => courseOf({ route: "classify" }),
    atDeadline: "deadline_exceeded",
  },
  { phase: "panel", begin: () => courseOf().answers("M1", 100), atDeadline: "deadline_exceeded" },
  {
    phase: "grace",
    begin: () => courseOf().answers("M1", 100).answers("M2", 200),
    atDeadline: "best_answer",
  },
  {
    phase: "judging",
    begin: () => courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 200),
    atDeadline: "best_answer",
  },
  {
    phase: "synthesizing",
    begin: () => courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 200).answers("judge", 300),
    atDeadline: "best_answer",
  },
  {
    phase: "streaming the synthesis",
    begin: () =>
      courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 200).answers("judge", 300)
        .firstDelta(400),
    atDeadline: "deadline_exceeded",
  },
  {
    phase: "single",
    begin: () => courseOf({ route: "single" }),
    atDeadline: "deadline_exceeded",
  },
  {
    phase: "streaming the single answer",
    begin: () => courseOf({ route: "single" }).firstDelta(400),
    atDeadline: "deadline_exceeded",
  },
];

const TIMERS: readonly TimerName[] = ["share", "panel", "grace", "stage", "deadline"];

for (const { phase, begin, atDeadline } of PHASES) {
  Deno.test(`course() ends as ${atDeadline} when the deadline rings while ${phase}`, () => {
    const run = begin();
    const open = run.open;
    run.rings("deadline");
    assert.equal(run.end, atDeadline);
    assert.deepEqual(run.cancelled, open);
    assert.deepEqual(run.open, []);
    for (const name of open) assert.equal(run.statuses[name], "timeout");
    assert.deepEqual(run.timers, {});
  });

  Deno.test(`course() ends as cancelled when it is cancelled while ${phase}`, () => {
    const run = begin();
    const open = run.open;
    run.cancels(500);
    assert.equal(run.end, "cancelled");
    assert.deepEqual(run.cancelled, open);
    for (const name of open) assert.equal(run.statuses[name], "cancelled");
    assert.deepEqual(run.timers, {});
  });

  Deno.test(`course() does nothing more once it was cancelled while ${phase}`, () => {
    const run = begin();
    const open = run.open;
    run.cancels(500);
    const settled = run.state;
    run.cancels(510).firstDelta(520);
    for (const timer of TIMERS) assert.deepEqual(run.rings(timer, 600).last, []);
    assert.equal(run.state, settled);
    for (const name of open) assert.deepEqual(run.fails(name, 700, "cancelled").last, []);
    assert.equal(run.effects.filter(({ type }) => type === "finish").length, 1);
  });
}

Deno.test("course() can be cancelled before it has started, and then asks nothing", () => {
  const run = courseOf();
  assert.deepEqual(run.tell({ type: "start", at: run.state.plan.startedAt }).last, []);
});

Deno.test("course() says who cancelled it", () => {
  const left = courseOf().cancels(10).ending;
  assert.equal(left?.type === "failed" && left.message, "The client has left");
  const shutdown = courseOf().tell({ type: "cancel", reason: "shutdown", at: 1 }).ending;
  assert.equal(shutdown?.type === "failed" && shutdown.message, "The gateway is shutting down");
});

Deno.test("course() ignores panel timers that ring when the panel is over", () => {
  const run = courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 200);
  for (const timer of ["share", "panel", "grace"] as const) {
    assert.deepEqual(run.rings(timer, 300).last, [], timer);
  }
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() ignores a stage timer that rings in the panel", () => {
  const run = courseOf();
  assert.deepEqual(run.rings("stage", 300).last, []);
  assert.deepEqual(run.open, ["M1", "M2", "M3"]);
});

Deno.test("course() has cleared a phase's timers when the next begins", () => {
  const run = courseOf({ panelTimeoutMs: 9_000 }).answers("M1", 100).answers("M2", 200);
  assert.deepEqual(Object.keys(run.timers).sort(), ["deadline", "grace", "panel", "share"]);
  run.answers("M3", 250);
  assert.deepEqual(Object.keys(run.timers).sort(), ["deadline", "stage"]);
});
