import assert from "node:assert/strict";
import type { ToolCall } from "../../../src/openai/tool_calls.ts";
import { courseOf } from "../../support/course_script.ts";

const call = (name: string): ToolCall => ({ type: "function", name, input: "{}" });
const calling = (...names: string[]) => ({ text: names.join(), calls: names.map(call) });
const merging = { mergesCalls: true, slots: 3, minQuorum: 2 };

function calls(run: ReturnType<typeof courseOf>): string[] | undefined {
  const { ending } = run;
  return ending?.type === "answered" ? ending.calls?.map(({ name }) => name) : undefined;
}

Deno.test("course() answers at once with the calls that a quorum makes and nothing beside", () => {
  const run = courseOf(merging).answers("M1", 100, calling("f")).answers("M3", 200, calling("f"));
  assert.deepEqual([run.end, calls(run)], ["no_judge", ["f"]]);
  assert.deepEqual(run.cancelled, ["M2"]);
  assert.deepEqual(run.moments, ["panel_closed 200", "calls_agreed 200"]);
});

Deno.test("course() waits for the layer's end where members want more than the same calls", () => {
  const run = courseOf(merging).answers("M1", 100, calling("f", "g")).answers(
    "M2",
    200,
    calling("f"),
  );
  assert.equal(run.end, undefined);
  run.rings("grace");
  assert.deepEqual([run.end, calls(run)], ["no_judge", ["f"]]);
});

Deno.test("course() counts texts among calls for the quorum of the panel, not for that of a call", () => {
  const run = courseOf(merging).answers("M1", 100, calling("f")).answers("M2", 200, { text: "no" })
    .answers("M3", 300, calling("g"));
  assert.deepEqual(run.open, ["judge"]);
  assert.equal(run.end, undefined);
});

Deno.test("course() merges no calls unless the plan says so", () => {
  const run = courseOf({ ...merging, mergesCalls: false })
    .answers("M1", 100, calling("f")).answers("M2", 200, calling("f")).rings("grace");
  assert.deepEqual(run.open, ["judge"]);
});

Deno.test("course() has an only answer written anew where it cannot stand alone", () => {
  const only = { slots: 1, minQuorum: 1 };
  assert.equal(courseOf(only).answers("M1", 100).end, "best_answer");
  const run = courseOf({ ...only, standsAlone: false }).answers("M1", 100);
  assert.deepEqual(run.open, ["synthesis"]);
  assert.equal(run.answers("synthesis", 200).end, "no_judge");
});

Deno.test("course() says how a run ends whose best answer cannot stand in", () => {
  const failed = courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 150)
    .answers("judge", 200).fails("synthesis", 300);
  const late = courseOf({ slots: 2 }).answers("M1", 100).answers("M2", 150).rings("deadline");
  const reasons = [failed, late].map(({ ending }) =>
    ending?.type === "answered" && ending.otherwise?.reason
  );
  assert.deepEqual(reasons, ["upstream_error", "deadline_exceeded"]);
});
