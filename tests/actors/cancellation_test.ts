import assert from "node:assert/strict";
import { InThreadSystem } from "../support/in_thread_system.ts";
import {
  after,
  hangs,
  isSilent,
  refuses,
  says,
  ScriptedUpstream,
} from "../support/scripted_upstream.ts";

const JUDGE = says('{"consensus":["Paris"]}');

Deno.test("startRun() closes a straggler's socket when the grace is over", async () => {
  await using upstream = new ScriptedUpstream({
    a: says("Paris"),
    b: says("Paris"),
    c: hangs(),
    judge: JUDGE,
    synth: says("Paris"),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ panel: { graceMs: 20 } });
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
  await upstream.leftBy("c");
  assert.equal(upstream.only("a").left, false);
  assert.equal(outcome.trace.panel[2]!.status, "cancelled");
  assert.equal(system.openAsks, 0);
});

Deno.test("startRun() closes a straggler's socket also before it has answered with headers", async () => {
  await using upstream = new ScriptedUpstream({
    a: says("Paris"),
    b: says("Paris"),
    c: isSilent(),
    judge: JUDGE,
    synth: says("Paris"),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({ panel: { graceMs: 20 }, messages: [{ role: "user", content: "?" }] });
  await upstream.leftBy("c");
});

Deno.test("startRun() closes the others' sockets when the quorum has become impossible", async () => {
  await using upstream = new ScriptedUpstream({ a: refuses(500), b: refuses(503), c: hangs() });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.equal(outcome.type === "failed" && outcome.reason, "panel_quorum_not_met");
  await upstream.leftBy("c");
  assert.equal(system.openAsks, 0);
});

Deno.test("startRun() closes every socket of the panel when the client leaves", async () => {
  await using upstream = new ScriptedUpstream({ "*": hangs() });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start();
  await upstream.waitFor(({ seen }) => seen.length === 3);
  run.cancel("client_left");
  run.cancel("client_left");
  await upstream.waitFor(({ seen }) => seen.every(({ left }) => left));
  const outcome = await run.outcome;
  assert.deepEqual(outcome.type === "failed" && [outcome.reason, outcome.message], [
    "cancelled",
    "The client has left",
  ]);
  assert.equal(system.openAsks, 0);
});

for (const stage of ["judge", "synth", "single"]) {
  Deno.test(`startRun() closes the socket of the ${stage} when the client leaves`, async () => {
    await using upstream = new ScriptedUpstream({
      "*": says("Paris"),
      judge: JUDGE,
      [stage]: hangs(),
    });
    await using system = new InThreadSystem(upstream.baseUrl);
    const run = system.start(stage === "single" ? { route: "single" } : {});
    await upstream.called(stage);
    run.cancel("shutdown");
    await upstream.leftBy(stage);
    const outcome = await run.outcome;
    assert.equal(outcome.type === "failed" && outcome.reason, "cancelled");
    assert.equal(system.openAsks, 0);
  });
}

Deno.test("startRun() closes every socket at the deadline", async () => {
  await using upstream = new ScriptedUpstream({ "*": hangs() });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ deadlineMs: 80 });
  assert.deepEqual(outcome.type === "failed" && [outcome.reason, outcome.message], [
    "deadline_exceeded",
    "Cannot reach quorum: 0 of 2 members answered before the deadline",
  ]);
  assert.deepEqual(outcome.type === "failed" && outcome.members.map(({ reason }) => reason), [
    "timeout",
    "timeout",
    "timeout",
  ]);
  await upstream.waitFor(({ seen }) => seen.every(({ left }) => left));
});

Deno.test("startRun() says deadline_exceeded also where the calls had no more time than the run", async () => {
  await using upstream = new ScriptedUpstream({ "*": hangs() });
  await using system = new InThreadSystem(upstream.baseUrl, { timeoutMs: 80 });
  const outcome = await system.outcome({ deadlineMs: 80, panel: { timeoutMs: 80 } });
  assert.equal(outcome.type === "failed" && outcome.reason, "deadline_exceeded");
});

Deno.test("startRun() blames the panel where its calls have less time than the run", async () => {
  await using upstream = new ScriptedUpstream({ "*": hangs() });
  await using system = new InThreadSystem(upstream.baseUrl, { timeoutMs: 50 });
  const outcome = await system.outcome({ deadlineMs: 10_000 });
  assert.equal(outcome.type === "failed" && outcome.reason, "panel_quorum_not_met");
  await upstream.waitFor(({ seen }) => seen.every(({ left }) => left));
});

Deno.test("startRun() counts an answer that comes while the judge is at work, and uses it not", async () => {
  const late = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream({
    a: says("Paris"),
    b: says("Paris"),
    c: hangs(),
    judge: after(late.promise, JUDGE),
    synth: says("Paris"),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = system.outcome({ panel: { graceMs: 0 } });
  await upstream.called("judge");
  await upstream.leftBy("c");
  late.resolve();
  const { trace } = await outcome;
  assert.deepEqual(trace.panel.map(({ status }) => status), ["answered", "answered", "cancelled"]);
});
