import assert from "node:assert/strict";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("FakeClock.advance() fires what is due in order, each at its own time", async () => {
  const clock = new FakeClock(1_000);
  const log: string[] = [];
  const at = (ms: number, name: string) =>
    clock.at(ms, () => log.push(`${name} ${clock.now() - 1_000}`));
  at(1_030, "c");
  at(1_010, "a");
  at(1_010, "b");
  at(900, "past");
  at(1_031, "not yet");
  await clock.advance(30);
  assert.deepEqual(log, ["past 0", "a 10", "b 10", "c 30"]);
  assert.equal(clock.now(), 1_030);
  assert.equal(clock.pending, 1);
  assert.equal(clock.nextAt, 1_031);
});

Deno.test("FakeClock.advance() fires timers that were set on the way", async () => {
  const clock = new FakeClock(0);
  const beats: number[] = [];
  const beat = () => {
    beats.push(clock.now());
    clock.at(clock.now() + 10, beat);
  };
  beat();
  await clock.advance(35);
  assert.deepEqual(beats, [0, 10, 20, 30]);
});

Deno.test("FakeClock.advance() lets promises and ports settle between two timers", async () => {
  const clock = new FakeClock(0);
  const { port1, port2 } = new MessageChannel();
  const log: string[] = [];
  port2.onmessage = ({ data }) => port2.postMessage(data);
  port1.onmessage = ({ data }) => log.push(`${data} came back`);
  clock.at(1, () => port1.postMessage("ping"));
  clock.at(2, async () => {
    log.push("second");
    await null;
    log.push("then");
  });
  clock.at(3, () => log.push("third"));
  await clock.advance(3);
  assert.deepEqual(log, ["ping came back", "second", "then", "third"]);
  port1.close();
  port2.close();
});

Deno.test("FakeClock.at() can be cleared and disposed of", async () => {
  const clock = new FakeClock();
  const fire = () => assert.fail("Fired");
  clock.at(clock.now() + 1, fire).clear();
  {
    using _timer = clock.at(clock.now() + 1, fire);
    assert.equal(clock.pending, 1);
  }
  assert.equal(clock.pending, 0);
  await clock.advance(5);
});
