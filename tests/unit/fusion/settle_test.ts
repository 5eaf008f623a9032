import assert from "node:assert/strict";
import { costUsd } from "../../../src/fusion/price.ts";
import type { Profile } from "../../../src/fusion/profile.ts";
import { planRun } from "../../../src/fusion/run_plan.ts";
import { RunReferences } from "../../../src/fusion/run_references.ts";
import { type FinalAnswer, settle } from "../../../src/fusion/settle.ts";
import { courseOf, type CourseScript, tokens } from "../../support/course_script.ts";
import { profile, runRequest } from "../../support/run_requests.ts";

const FINAL: FinalAnswer = { choices: [{ index: 0 }], text: "M1 says it all, and M2 says more" };

/** What the course of a profile's run comes to; `final` is what the synthesizer wrote. */
function settled(run: CourseScript, spec: { profile?: Profile; final?: FinalAnswer } = {}) {
  const { route, startedAt } = run.state.plan;
  const request = runRequest({ now: startedAt, route });
  const chosen = { ...request, profile: spec.profile ?? profile() };
  const plan = planRun(chosen, {
    timeoutMsOf: () => 1_000,
    health: {
      options: { retry: { maxAttempts: 1, maxWaitMs: 0 } },
      hedgeAfterMs: () => undefined,
    },
    seed: "seed",
  });
  const references = new RunReferences({
    conversation: "[]",
    aggregator: chosen.profile.aggregator,
    panel: plan.panel,
    seed: "s",
  });
  return settle(run.state, run.ending!, {
    request: chosen,
    plan,
    references,
    seed: "s",
    final: spec.final,
    costUsdOf: (model, usage) => costUsd(usage, { model, inputPerMtok: 1e6, outputPerMtok: 0 }),
  });
}

function fused(): CourseScript {
  return courseOf({ slots: 2 })
    .answers("M1", 100, { usage: tokens(1) }).answers("M2", 250, { usage: tokens(2) })
    .answers("judge", 400, { usage: tokens(3) }).answers("synthesis", 900, { usage: tokens(4) });
}

Deno.test("settle() gives the final answer as its upstream wrote it", () => {
  const final = { ...FINAL, systemFingerprint: "fp", serviceTier: "flex" };
  const outcome = settled(fused(), { final });
  assert.equal(outcome.type, "answered");
  assert.deepEqual(
    [outcome.outcome, outcome.choices, outcome.systemFingerprint, outcome.serviceTier],
    ["fused", final.choices, "fp", "flex"],
  );
});

Deno.test("settle() sums usage over everything and cost over stages and models", () => {
  const { usage, usageByModel, trace } = settled(fused(), { final: FINAL });
  assert.equal(usage.promptTokens, 10);
  assert.equal(trace.costUsd, 10);
  assert.deepEqual(
    usageByModel.map(({ stage, model, costUsd }) => [stage, model, costUsd]),
    [["panel", "a", 1], ["panel", "b", 2], ["judge", "judge", 3], ["synthesis", "synth", 4]],
  );
});

Deno.test("settle() traces each stage from its first ask to its last end", () => {
  const { trace } = settled(fused(), { final: FINAL });
  assert.deepEqual(trace.stages.map(({ stage, startMs, ms }) => [stage, startMs, ms]), [
    ["panel", 0, 250],
    ["judge", 250, 150],
    ["synthesis", 400, 500],
  ]);
});

Deno.test("settle() sums members of one model, and keeps stages of one model apart", () => {
  const selfMoa = profile({
    members: ["a"],
    panel: { selfMoa: true, samples: 2 },
    aggregator: { judge: { id: "a", backend: "up", model: "a" } },
  });
  const { usageByModel } = settled(fused(), { profile: selfMoa, final: FINAL });
  assert.deepEqual(
    usageByModel.map(({ stage, model, usage }) => [stage, model, usage.promptTokens]),
    [
      ["panel", "a", 3],
      ["judge", "a", 3],
      ["synthesis", "synth", 4],
    ],
  );
});

Deno.test("settle() measures the share of each answer that was used, in its layer", () => {
  const run = courseOf({ slots: 2, layers: 2 }).answers("M1", 100).answers("M2", 200)
    .answers("M1", 300).fails("M2", 400).answers("judge", 500).answers("synthesis", 600);
  const { trace } = settled(run, { final: FINAL });
  assert.deepEqual(
    trace.panel.map(({ label, layer, share }) => [label, layer, share !== undefined]),
    [
      ["M1", 0, true],
      ["M2", 0, true],
      ["M1", 1, false],
      ["M2", 1, false],
    ],
  );
  assert.equal(trace.dominantShare === null, false);
});

Deno.test("settle() measures no share where there was nothing to compare", () => {
  const run = courseOf({ slots: 1, minQuorum: 1 }).answers("M1", 100);
  const { trace } = settled(run, { final: FINAL });
  assert.equal(trace.dominantShare, null);
  assert.equal(trace.panel[0]!.share, undefined);
});

Deno.test("settle() lists why each member of a failed panel did not answer", () => {
  const outcome = settled(
    courseOf({ minQuorum: 3 }).answers("M2", 20).fails("M3", 50, "http_429"),
  );
  assert.equal(outcome.type, "failed");
  assert.deepEqual(outcome.members, [
    { label: "M1", reason: "cancelled" },
    { label: "M2", reason: "answered" },
    { label: "M3", reason: "http_429" },
  ]);
  assert.equal(outcome.reason, "panel_quorum_not_met");
});

Deno.test("settle() names a member by its last ask", () => {
  const run = courseOf({ slots: 1, minQuorum: 1 }).fails("M1", 10, "crashed")
    .fails("M1", 20, "timeout");
  const outcome = settled(run);
  assert.deepEqual(outcome.type === "failed" && outcome.members, [
    { label: "M1", reason: "timeout" },
  ]);
  assert.deepEqual(outcome.trace.panel.map(({ status }) => status), ["crashed", "timeout"]);
});

Deno.test("settle() tells what the router said and what came of it", () => {
  const single = courseOf({ route: "classify" }).answers("router", 20, { text: "0.1" })
    .answers("single", 90);
  assert.deepEqual(settled(single, { final: FINAL }).trace.router, {
    score: 0.1,
    decision: "single",
  });
  assert.equal(settled(single, { final: FINAL }).route, "single");
  const fuse = courseOf({ route: "classify" }).fails("router", 20).cancels(30);
  assert.deepEqual(settled(fuse).trace.router, { score: null, decision: "fuse" });
  assert.equal(settled(courseOf().cancels(30)).trace.router, undefined);
});
