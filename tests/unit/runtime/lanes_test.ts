import assert from "node:assert/strict";
import { Lanes } from "../../../src/runtime/lanes.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import { ManualClock } from "../../support/manual_clock.ts";

/** A lane `gpu` for one, and what happened to those who wanted in. */
function lane(limit = 1) {
  const manual = new ManualClock(1_000);
  const clock = manual as unknown as Clock;
  const lanes = new Lanes(new Map([["gpu", limit]]), clock);
  const log: string[] = [];
  const leave = new Map<string, () => void>();
  const enter = (id: string, { name = "gpu", timeoutAt = 9_000 } = {}) =>
    lanes.enter(name, {
      timeoutAt,
      start: (left) => {
        log.push(`${id} starts`);
        leave.set(id, left);
        return (reason) => log.push(`${id} ${reason}`);
      },
      onGone: ({ code }) => log.push(`${id} gone: ${code}`),
    });
  return { manual, lanes, log, enter, leaves: (id: string) => leave.get(id)!() };
}

Deno.test("Lanes lets in as many as there are places, and the next in order of arrival", () => {
  const { log, enter, leaves, lanes } = lane(2);
  for (const id of ["a", "b", "c", "d"]) enter(id);
  assert.deepEqual(log, ["a starts", "b starts"]);
  assert.equal(lanes.waiting, 2);
  leaves("b");
  leaves("a");
  assert.deepEqual(log.slice(2), ["c starts", "d starts"]);
  assert.equal(lanes.waiting, 0);
});

Deno.test("Lanes gives a place back once, however often it is left", () => {
  const { log, enter, leaves } = lane();
  for (const id of ["a", "b", "c"]) enter(id);
  leaves("a");
  leaves("a");
  assert.deepEqual(log, ["a starts", "b starts"]);
});

Deno.test("Lanes lets whoever is cancelled leave the line, and passes it on to who has started", () => {
  const { log, enter, leaves } = lane();
  const cancelA = enter("a");
  const cancelB = enter("b");
  const cancelC = enter("c");
  cancelB("quorum");
  cancelB("quorum");
  cancelA("quorum");
  leaves("a");
  cancelC("deadline");
  assert.deepEqual(log, ["a starts", "b gone: cancelled", "a quorum", "c starts", "c deadline"]);
});

Deno.test("Lanes counts waiting against an ask's time", () => {
  const { log, enter, leaves, manual } = lane();
  enter("a");
  enter("b", { timeoutAt: 1_500 });
  enter("c");
  manual.advance(500);
  assert.deepEqual(log, ["a starts", "b gone: timeout"]);
  leaves("a");
  assert.deepEqual(log.at(-1), "c starts");
  assert.equal(manual.pending, 0);
});

Deno.test("Lanes keeps no line where there is no limit", () => {
  const { log, enter } = lane();
  for (const id of ["a", "b", "c"]) enter(id, { name: "hosted" });
  assert.deepEqual(log, ["a starts", "b starts", "c starts"]);
});

Deno.test("Lanes goes on with the next when one ends before it has begun", () => {
  const lanes = new Lanes(new Map([["gpu", 1]]), new ManualClock(0) as unknown as Clock);
  const started: string[] = [];
  for (const id of ["a", "b"]) {
    lanes.enter("gpu", {
      timeoutAt: 1,
      start: (leave) => {
        started.push(id);
        leave();
        return () => {};
      },
      onGone: () => assert.fail("nobody waits"),
    });
  }
  assert.deepEqual(started, ["a", "b"]);
});

Deno.test("Lanes moves a long line up in which everybody ends at once", () => {
  const lanes = new Lanes(new Map([["gpu", 1]]), new ManualClock() as unknown as Clock);
  let first = () => {};
  lanes.enter("gpu", {
    timeoutAt: Infinity,
    start: (leave) => {
      first = leave;
      return () => {};
    },
    onGone: () => {},
  });
  const ended: number[] = [];
  const enter = (at: number) =>
    lanes.enter("gpu", {
      timeoutAt: Infinity,
      start: (leave) => {
        ended.push(at);
        leave();
        // Whoever comes meanwhile does not overtake.
        if (at === 0) enter(50_000);
        return () => {};
      },
      onGone: () => {},
    });
  for (let at = 0; at < 50_000; at++) enter(at);
  first();
  assert.deepEqual(ended, Array.from({ length: 50_001 }, (_, at) => at));
  assert.equal(lanes.waiting, 0);
});
