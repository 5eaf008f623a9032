import assert from "node:assert/strict";
import { Pauses } from "../../../src/simulation/pauses.ts";
import { ManualClock } from "../../support/manual_clock.ts";

Deno.test("Pauses.start() is over when its time is", async () => {
  const clock = new ManualClock();
  const pause = new Pauses(clock).start(10);
  clock.advance(9);
  assert.equal(clock.pending, 1);
  clock.advance(1);
  assert.equal(await pause.ended, "over");
});

Deno.test("Pauses.start() ends early once, and leaves no timer", async () => {
  const clock = new ManualClock();
  const pause = new Pauses(clock).start(10);
  pause.end("aborted");
  pause.end("over");
  assert.equal(await pause.ended, "aborted");
  assert.equal(clock.pending, 0);
});

Deno.test("Pauses.close() ends what waits and what would wait later", async () => {
  const clock = new ManualClock();
  const pauses = new Pauses(clock);
  const forever = pauses.start(Infinity);
  const timed = pauses.start(10);
  pauses.close();
  assert.deepEqual(
    await Promise.all([forever.ended, timed.ended, pauses.start(5).ended]),
    ["closed", "closed", "closed"],
  );
  assert.equal(clock.pending, 0);
});
