import assert from "node:assert/strict";
import fc from "fast-check";
import { Supervisor, type SupervisorOptions } from "../../../src/runtime/supervisor.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function supervise(options: Partial<SupervisorOptions> = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const supervisor = new Supervisor({
    maxRestarts: 20,
    windowMs: 60_000,
    clock,
    startChild: (slot) => log.push(`start ${slot}`),
    onRestart: (slot) => log.push(`restart ${slot}`),
    onGiveUp: () => log.push("give up"),
    ...options,
  });
  return { clock, supervisor, log };
}

Deno.test("Supervisor starts each child once", () => {
  const { supervisor, log } = supervise();
  supervisor.start(3);
  assert.deepEqual(log, ["start 0", "start 1", "start 2"]);
  assert.equal(supervisor.state, "running");
});

Deno.test("Supervisor restarts a child at once, and after a doubling backoff while it keeps dying", async () => {
  const { clock, supervisor, log } = supervise();
  supervisor.died(0);
  assert.deepEqual(log, ["restart 0", "start 0"]);
  const waits: number[] = [];
  for (let death = 0; death < 11; death++) {
    supervisor.died(0);
    waits.push(clock.nextAt! - clock.now());
    const before = log.length;
    await clock.advance(waits.at(-1)! - 1);
    assert.equal(log.length, before);
    await clock.advance(1);
    assert.deepEqual(log.slice(before), ["restart 0", "start 0"]);
  }
  assert.deepEqual(waits, [20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_000, 5_000, 5_000]);
});

Deno.test("Supervisor does not make one child wait for another's deaths", () => {
  const { clock, supervisor, log } = supervise();
  for (let slot = 0; slot < 4; slot++) supervisor.died(slot);
  assert.equal(log.length, 8);
  assert.equal(clock.pending, 0);
});

Deno.test("Supervisor forgets a death when the window is over", async () => {
  const { clock, supervisor, log } = supervise({ maxRestarts: 2, windowMs: 1_000 });
  supervisor.died(0);
  supervisor.died(1);
  await clock.advance(1_000);
  log.length = 0;
  supervisor.died(0);
  assert.deepEqual(log, ["restart 0", "start 0"]);
  supervisor.died(1);
  assert.equal(supervisor.state, "running");
});

Deno.test("Supervisor gives up when more have died within the window than may", async () => {
  const { clock, supervisor, log } = supervise({ maxRestarts: 3 });
  supervisor.died(0);
  supervisor.died(1);
  supervisor.died(1);
  assert.equal(clock.pending, 1);
  log.length = 0;
  supervisor.died(2);
  assert.equal(supervisor.state, "given_up");
  await clock.advance(120_000);
  supervisor.died(3);
  assert.deepEqual(log, ["give up"]);
  assert.equal(clock.pending, 0);
});

Deno.test("Supervisor with no restarts allowed gives up at the first death", () => {
  const { supervisor, log } = supervise({ maxRestarts: 0 });
  supervisor.died(0);
  assert.deepEqual(log, ["give up"]);
});

Deno.test("Supervisor that is stopped starts nothing more", async () => {
  const { clock, supervisor, log } = supervise();
  supervisor.died(0);
  supervisor.died(0);
  supervisor.stop();
  supervisor.died(1);
  log.length = 0;
  await clock.advance(10_000);
  assert.deepEqual(log, []);
  assert.equal(clock.pending, 0);
  assert.equal(supervisor.state, "stopped");
});

Deno.test("Supervisor takes a child that cannot be started for one that died", async () => {
  let failures = 2;
  const { clock, supervisor, log } = supervise({
    startChild: () => {
      if (failures-- > 0) throw new Error("No thread");
      log.push("started");
    },
  });
  supervisor.died(0);
  assert.deepEqual(log, ["restart 0"]);
  await clock.advance(20 + 40);
  assert.deepEqual(log, ["restart 0", "restart 0", "restart 0", "started"]);
});

Deno.test("Supervisor never restarts more than it may within any window", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.record({ slot: fc.nat(3), afterMs: fc.nat(400) }), { maxLength: 60 }),
    fc.nat(6),
    async (deaths, maxRestarts) => {
      const windowMs = 1_000;
      const restartsAt: number[] = [];
      const alive = new Set([0, 1, 2, 3]);
      const { clock, supervisor } = supervise({
        maxRestarts,
        windowMs,
        startChild: (slot) => {
          assert.equal(alive.has(slot), false);
          alive.add(slot);
        },
        onRestart: () => restartsAt.push(clock.now()),
      });
      const diedAt: number[] = [];
      for (const { slot, afterMs } of deaths) {
        await clock.advance(afterMs);
        if (!alive.delete(slot)) continue;
        diedAt.push(clock.now());
        supervisor.died(slot);
      }
      const most = Math.max(
        0,
        ...diedAt.map((end) => diedAt.filter((at) => at > end - windowMs && at <= end).length),
      );
      assert.equal(supervisor.state === "given_up", most > maxRestarts);
      await clock.advance(10_000);
      if (supervisor.state === "running") assert.equal(alive.size, 4);
      assert.equal(clock.pending, 0);
    },
  ));
});
