import assert from "node:assert/strict";
import type { Outcome } from "../../src/fusion/outcome.ts";
import { InThreadSystem } from "../support/in_thread_system.ts";
import { refuses, says, type Script, ScriptedUpstream } from "../support/scripted_upstream.ts";

async function failing(scripts: Record<string, Script>): Promise<Outcome & { type: "failed" }> {
  await using upstream = new ScriptedUpstream(scripts);
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.equal(outcome.type, "failed");
  return outcome;
}

for (const status of [400, 401, 403, 404, 429]) {
  Deno.test(`startRun() keeps an upstream's ${status} when every member got it`, async () => {
    const { reason, failure } = await failing({ "*": refuses(status) });
    assert.deepEqual([reason, failure?.status], ["panel_quorum_not_met", status]);
  });

  Deno.test(`startRun() keeps the single model's ${status}`, async () => {
    await using upstream = new ScriptedUpstream({ "*": refuses(status) });
    await using system = new InThreadSystem(upstream.baseUrl);
    const outcome = await system.outcome({ route: "single" });
    assert.deepEqual(outcome.type === "failed" && [outcome.reason, outcome.failure?.status], [
      "upstream_error",
      status,
    ]);
    assert.equal(upstream.seen.length, 1, "what is refused is not sent again");
  });
}

Deno.test("startRun() keeps no failure where the members failed differently", async () => {
  const { failure, members } = await failing({
    a: refuses(401),
    b: refuses(429),
    c: refuses(500),
  });
  assert.equal(failure, undefined);
  // The third may have been cut off by the second.
  assert.deepEqual(members.map(({ label }) => label), ["M1", "M2", "M3"]);
  assert.ok(members.every(({ reason }) => reason !== "answered"));
});

Deno.test("startRun() keeps no failure where a member answered", async () => {
  await using upstream = new ScriptedUpstream({
    a: says("Paris"),
    b: refuses(401),
    c: refuses(401),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ panel: { minQuorum: 3 } });
  assert.equal(outcome.type, "failed");
});

Deno.test("startRun() answers despite members that are refused", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    a: refuses(401),
    judge: says('{"consensus":["Paris"]}'),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
  assert.equal(outcome.trace.panel[0]!.status, "http_401");
});
