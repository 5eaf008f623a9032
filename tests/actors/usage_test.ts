import assert from "node:assert/strict";
import type { Outcome } from "../../src/fusion/outcome.ts";
import { InThreadSystem } from "../support/in_thread_system.ts";
import { hangs, inTurn, refuses, says, ScriptedUpstream } from "../support/scripted_upstream.ts";

const ANALYSIS = '{"consensus":["Paris"]}';

function spent({ usage }: Outcome): number[] {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage;
  return [promptTokens, completionTokens, cachedTokens, reasoningTokens];
}

Deno.test("startRun() sums the tokens of router, panel, judge and synthesis", async () => {
  await using upstream = new ScriptedUpstream({
    single: says("0.8", { usage: { prompt: 1, completion: 1 } }),
    a: says("Paris.", { usage: { prompt: 10, completion: 2, cached: 3, reasoning: 1 } }),
    b: says("Paris!", { usage: { prompt: 20, completion: 4, cached: 5, reasoning: 2 } }),
    c: says("Paris?", { usage: { prompt: 30, completion: 6 } }),
    judge: says(ANALYSIS, { usage: { prompt: 100, completion: 10, cached: 50 } }),
    synth: says("Paris", { usage: { prompt: 200, completion: 20, reasoning: 7 } }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ route: "classify", panel: { minQuorum: 3 } });
  assert.deepEqual(spent(outcome), [361, 43, 58, 10]);
});

Deno.test("startRun() counts what a member spent on an answer that was none", async () => {
  await using upstream = new ScriptedUpstream({
    a: says("  \n", { usage: { prompt: 10, completion: 90, reasoning: 90 } }),
    b: says("Paris"),
    c: says("Paris"),
    judge: says(ANALYSIS),
    synth: says("Paris"),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.deepEqual(spent(outcome), [10, 90, 0, 90]);
  assert.deepEqual(outcome.trace.panel.map(({ status }) => status), [
    "empty",
    "answered",
    "answered",
  ]);
});

Deno.test("startRun() counts null, refused and missing content as no answer", async () => {
  await using upstream = new ScriptedUpstream({
    a: says(null),
    b: says("", { message: { refusal: "I would rather not" } }),
    c: says("I can", { message: { refusal: "not say" } }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ panel: { minQuorum: 1 } });
  assert.equal(outcome.type === "failed" && outcome.reason, "panel_quorum_not_met");
  assert.deepEqual(outcome.type === "failed" && outcome.members.map(({ reason }) => reason), [
    "empty",
    "empty",
    "empty",
  ]);
});

Deno.test("startRun() repairs a judge's garbage once, and counts both calls", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    judge: inTurn(
      says("I think they agree.", { usage: { prompt: 100, completion: 10 } }),
      says(ANALYSIS, { usage: { prompt: 120, completion: 20, cached: 100 } }),
    ),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
  assert.deepEqual(spent(outcome), [220, 30, 100, 0]);
  const [first, second] = upstream.of("judge");
  assert.deepEqual(second!.turns.slice(0, first!.turns.length), first!.turns);
  assert.deepEqual(second!.turns.slice(first!.turns.length).map(({ role }) => role), [
    "assistant",
    "user",
  ]);
});

Deno.test("startRun() goes on without an analysis after garbage twice, and counts both calls", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    judge: says("No JSON from me.", { usage: { prompt: 100, completion: 10 } }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ params: { fusion: { trace: true } } });
  assert.equal(outcome.type === "answered" && outcome.outcome, "no_judge");
  assert.equal(outcome.trace.analysis, null);
  assert.deepEqual(spent(outcome), [200, 20, 0, 0]);
  assert.equal(upstream.of("judge").length, 2);
});

Deno.test("startRun() counts a judge's first call when the repair is refused", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    judge: inTurn(says("Hm.", { usage: { prompt: 100, completion: 10 } }), refuses(500)),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.equal(outcome.type === "answered" && outcome.outcome, "no_judge");
  assert.deepEqual(spent(outcome), [100, 10, 0, 0]);
});

Deno.test("startRun() counts a judge's first call when the client leaves during the repair", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    judge: inTurn(says("Hm.", { usage: { prompt: 100, completion: 10 } }), hangs()),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start();
  await upstream.called("judge", 2);
  run.cancel("client_left");
  const outcome = await run.outcome;
  assert.equal(outcome.type === "failed" && outcome.reason, "cancelled");
  assert.deepEqual(spent(outcome), [100, 10, 0, 0]);
});

Deno.test("startRun() counts what a judge has spent when it is answered without it", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    judge: inTurn(says("Hm.", { usage: { prompt: 100, completion: 10 } }), hangs()),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ aggregator: { mode: "select" }, deadlineMs: 500 });
  assert.equal(outcome.type === "answered" && outcome.outcome, "best_answer");
  assert.equal(upstream.of("judge").length, 2);
  assert.deepEqual(spent(outcome), [100, 10, 0, 0]);
});

Deno.test("startRun() prices each stage by its models", async () => {
  const usage = { prompt: 1_000_000, completion: 100_000, cached: 500_000 };
  await using upstream = new ScriptedUpstream({
    "*": says("Paris", { usage }),
    judge: says(ANALYSIS, { usage }),
  });
  await using system = new InThreadSystem(upstream.baseUrl, {
    prices: [
      { model: "a", inputPerMtok: 2, outputPerMtok: 10 },
      { model: "b", inputPerMtok: 2, outputPerMtok: 10, cachedInputPerMtok: 1 },
      { model: "synth", inputPerMtok: 4, outputPerMtok: 20 },
    ],
  });
  const { trace, usageByModel } = await system.outcome({ panel: { minQuorum: 3 } });
  const cost = Object.fromEntries(trace.stages.map(({ stage, costUsd }) => [stage, costUsd]));
  assert.deepEqual(cost, { panel: 3 + 2.5, judge: 0, synthesis: 6 });
  assert.equal(trace.costUsd, 11.5);
  assert.deepEqual(
    usageByModel.map(({ stage, model, costUsd }) => [stage, model, costUsd]),
    [["panel", "a", 3], ["panel", "b", 2.5], ["panel", "c", 0], ["judge", "judge", 0], [
      "synthesis",
      "synth",
      6,
    ]],
  );
});

Deno.test("startRun() traces every member of every layer, and each stage's tokens", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris is it.", { usage: { prompt: 5, completion: 1 } }),
    judge: says(ANALYSIS),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const { trace } = await system.outcome({ aggregator: { layers: 2 }, panel: { minQuorum: 3 } });
  assert.deepEqual(trace.panel.map(({ label, layer, status }) => [label, layer, status]), [
    ["M1", 0, "answered"],
    ["M2", 0, "answered"],
    ["M3", 0, "answered"],
    ["M1", 1, "answered"],
    ["M2", 1, "answered"],
    ["M3", 1, "answered"],
  ]);
  assert.deepEqual(trace.panel.map(({ share }) => share !== undefined), [
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
  assert.deepEqual(trace.stages.map(({ stage, usage }) => [stage, usage.promptTokens]), [
    ["panel", 30],
    ["judge", 0],
    ["synthesis", 5],
  ]);
});
