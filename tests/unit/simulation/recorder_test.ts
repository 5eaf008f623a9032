import assert from "node:assert/strict";
import { type OpenRecord, Recorder } from "../../../src/simulation/recorder.ts";
import { usageOf } from "../../../src/simulation/usage.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function open(recorder: Recorder, path = "/v1/chat/completions"): OpenRecord {
  const record = recorder.open({ method: "POST", path, headers: {}, authorized: false });
  recorder.arrived(record);
  return record;
}

Deno.test("Recorder keeps the latest requests and counts all", () => {
  const recorder = new Recorder(new ManualClock(), 2);
  for (const path of ["/a", "/b", "/c"]) open(recorder, path);
  assert.deepEqual(recorder.requests.map(({ path }) => path), ["/b", "/c"]);
  assert.equal(recorder.totals.requests, 3);
  assert.equal(recorder.totals.open, 3);
});

Deno.test("Recorder.end() ends a request once and adds its tokens up", () => {
  const clock = new ManualClock();
  const recorder = new Recorder(clock, 10);
  const usage = usageOf({ prompt: 5, completion: 7, cached: 2, reasoning: 1 });
  const told = open(recorder);
  Object.assign(told, { usage, usageReported: true });
  const silent = open(recorder);
  Object.assign(silent, { usage });
  const left = open(recorder);
  Object.assign(left, { usage });
  const leftWhenTold = open(recorder);
  Object.assign(leftWhenTold, { usage, usageReported: true });
  clock.advance(30);
  recorder.end(told, "completed");
  recorder.end(told, "aborted");
  recorder.end(silent, "completed");
  recorder.end(left, "aborted");
  recorder.end(leftWhenTold, "cut");
  const { ended, open: stillOpen, usage: all, reportedUsage } = recorder.totals;
  assert.deepEqual(ended, { completed: 2, aborted: 1, cut: 1, hung: 0, failed: 0 });
  assert.equal(stillOpen, 0);
  assert.deepEqual(all, usageOf({ prompt: 15, completion: 21, cached: 6, reasoning: 3 }));
  assert.deepEqual(reportedUsage, usageOf({ prompt: 10, completion: 14, cached: 4, reasoning: 2 }));
  assert.equal(told.endedAt, told.at + 30);
  assert.equal(left.usage, undefined);
});

Deno.test("Recorder.waitFor() resolves with what was, with what comes, and with what changes", async () => {
  const recorder = new Recorder(new ManualClock(), 10);
  const first = open(recorder, "/a");
  assert.equal(await recorder.waitFor(({ path }) => path === "/a"), first);
  const arrival = recorder.waitFor(({ path }) => path === "/b");
  const begun = recorder.waitFor(({ firstByteAt }) => firstByteAt !== undefined);
  const ended = recorder.waitFor(({ endedAs }) => endedAs === "aborted");
  const second = open(recorder, "/b");
  assert.equal(await arrival, second);
  recorder.sent(first, 5);
  assert.equal(await begun, first);
  recorder.end(second, "aborted");
  assert.equal(await ended, second);
});

Deno.test("Recorder.waitFor() gives up after ten seconds, and when the simulation closes", async () => {
  const clock = new ManualClock();
  const recorder = new Recorder(clock, 10);
  const slow = recorder.waitFor(() => false);
  clock.advance(10_000);
  await assert.rejects(slow, /Cannot find the awaited request among 0: none within 10000 ms/);
  const cut = recorder.waitFor(() => false);
  recorder.close();
  await assert.rejects(cut, /the simulation was closed/);
  assert.equal(clock.pending, 0);
});

Deno.test("Recorder tells its listeners until they stop listening", () => {
  const recorder = new Recorder(new ManualClock(), 0);
  const seen: string[] = [];
  const stopArrived = recorder.onArrived(({ path }) => seen.push(`+${path}`));
  const stopEnded = recorder.onEnded(({ path }) => seen.push(`-${path}`));
  recorder.end(open(recorder, "/a"), "completed");
  stopArrived();
  stopEnded();
  recorder.end(open(recorder, "/b"), "completed");
  assert.deepEqual(seen, ["+/a", "-/a"]);
});
