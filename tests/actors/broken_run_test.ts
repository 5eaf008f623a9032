import assert from "node:assert/strict";
import type { RunRequest } from "../../src/fusion/run_request.ts";
import { InThreadSystem } from "../support/in_thread_system.ts";
import { runRequest } from "../support/run_requests.ts";
import { hangs, says, ScriptedUpstream } from "../support/scripted_upstream.ts";

/** A request on which our own code throws as soon as it looks at the panel's answers. */
function poisoned(request: RunRequest): RunRequest {
  const { profile } = request;
  const aggregator = Object.defineProperty({ ...profile.aggregator }, "maxReferenceChars", {
    get(): number {
      throw new TypeError("A fault of ours");
    },
  });
  return { ...request, profile: { ...profile, aggregator } };
}

Deno.test("startRun() rejects the outcome of a run that a fault of ours breaks, and of no other", async () => {
  await using upstream = new ScriptedUpstream({
    "*": says("Paris"),
    c: hangs(),
    judge: says('{"consensus":["Paris"]}'),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const spec = { stream: true, panel: { graceMs: 10 } };
  const before = system.start(spec);
  const broken = system.startRun(poisoned(runRequest({ ...spec, now: system.clock.now() })));
  const after = system.start(spec);
  await assert.rejects(broken.outcome, TypeError);
  assert.deepEqual(await Array.fromAsync(broken.deltas), [], "its stream ends");
  for (const { outcome, deltas } of [before, after]) {
    await Array.fromAsync(deltas);
    assert.equal((await outcome).type, "answered");
  }
  await upstream.leftBy("c");
  broken.cancel("client_left");
  assert.equal(system.openAsks, 0);
});
