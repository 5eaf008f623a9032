import assert from "node:assert/strict";
import { progressLines } from "../../../src/fusion/progress.ts";
import { courseOf } from "../../support/course_script.ts";

type Script = ReturnType<typeof courseOf>;

/** What is told of each of the moves. */
function told(run: Script, ...moves: ((run: Script) => Script)[]): string[] {
  return moves.flatMap((move) => {
    const before = run.state;
    return progressLines(before, move(run).state);
  });
}

Deno.test("progressLines() tells of the panel, the judge and the writing, in order", () => {
  const lines = told(
    courseOf(),
    (run) => run.answers("M2", 1_250),
    (run) => run.fails("M1", 2_000),
    (run) => run.answers("M3", 3_040),
    (run) => run.answers("judge", 4_000),
    (run) => run.answers("synthesis", 9_000),
  );
  assert.deepEqual(lines, [
    "M2 answered after 1.3 s (1 of 3)",
    "M1 failed after 2.0 s: http_5xx",
    "M3 answered after 3.0 s (2 of 3)",
    "Judge: comparing 2 answers",
    "Judge: 1 shared claim, 0 contradictions, 0 single insights (1.0 s)",
    "Writing the answer",
  ]);
});

Deno.test("progressLines() tells whom the panel did not wait for, and of each round", () => {
  const lines = told(
    courseOf({ layers: 2 }),
    (run) => run.answers("M1", 100),
    (run) => run.answers("M2", 200),
    (run) => run.rings("grace"),
  );
  assert.deepEqual(lines.slice(2), ["M3 was not waited for", "Round 2 of 2: asking 3 models"]);
});

Deno.test("progressLines() tells of a judge without an analysis", () => {
  const run = courseOf({ slots: 2 }).answers("M1", 1).answers("M2", 2);
  assert.deepEqual(told(run, (each) => each.fails("judge", 3, "malformed")), [
    "Judge: no analysis (malformed)",
    "Writing the answer",
  ]);
});

Deno.test("progressLines() is silent once the answer is on its way, and on the single route", () => {
  const writing = courseOf({ slots: 3 }).answers("M1", 1).answers("M2", 2).rings("grace")
    .answers("judge", 300).firstDelta(400);
  assert.deepEqual(told(writing, (run) => run.answers("synthesis", 500)), []);
  const single = courseOf({ route: "single" });
  assert.deepEqual(told(single, (run) => run.answers("single", 10)), []);
});

Deno.test("progressLines() says nothing of a move that changes no ask", () => {
  const { state } = courseOf();
  assert.deepEqual(progressLines(state, state), []);
});
