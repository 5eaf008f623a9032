import assert from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import { type Spread, WorkerPool } from "../../src/runtime/worker_pool.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ScriptedHost } from "../support/scripted_host.ts";

const protocol = {
  role: "scripted",
  start: z.null(),
  ask: z.number(),
  answer: z.unknown(),
  partial: z.unknown(),
};

const SIZE = 4;
const PANELS = 3;

const move = fc.oneof(
  { weight: 8, arbitrary: fc.record({ panel: fc.nat(PANELS) }) },
  { weight: 5, arbitrary: fc.record({ answer: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ dies: fc.nat(SIZE - 1) }) },
  { weight: 2, arbitrary: fc.record({ ready: fc.nat(SIZE - 1) }) },
  { weight: 1, arbitrary: fc.record({ passMs: fc.nat(200) }) },
);

Deno.test("WorkerPool places every ask where it costs least, and ends each once", async () => {
  await fc.assert(fc.asyncProperty(fc.array(move, { maxLength: 80 }), async (moves) => {
    const clock = new FakeClock();
    const hosts: (ScriptedHost | undefined)[] = [];
    const ready = new Set<number>();
    const open = new Map<string, number>();
    const pool = new WorkerPool<null, number, unknown, unknown>(protocol, {
      size: SIZE,
      spawn: (slot) => hosts[slot] = new ScriptedHost("scripted"),
      start: null,
      clock,
      heartbeatMs: 1e9,
      maxRestarts: 1_000,
      restartWindowMs: 1e9,
      onDown: (_, slot) => {
        hosts[slot] = undefined;
        ready.delete(slot);
      },
    });
    const spreads = Array.from({ length: PANELS }, (): Spread => new Map());
    const ends = new Map<string, number>();
    let asks = 0;

    const openIn = (slot: number) => [...open.values()].filter((at) => at === slot).length;

    for (const move of moves) {
      if ("dies" in move) {
        pool.crash(move.dies);
        await null;
      } else if ("passMs" in move) await clock.advance(move.passMs);
      else if ("ready" in move) {
        if (!hosts[move.ready]) continue;
        hosts[move.ready]!.becomeReady();
        ready.add(move.ready);
      } else if ("answer" in move) {
        const [ask, slot] = [...open][move.answer] ?? [];
        if (ask !== undefined && ready.has(slot!)) hosts[slot!]!.answer(ask);
      } else {
        // The last panel is none: its asks have no spread.
        const spread = spreads[move.panel];
        const shared = new Map(spread);
        const before = Array.from({ length: SIZE }, (_, slot) => openIn(slot));
        const id = `ask${asks++}`;
        ends.set(id, 0);
        pool.ask(id, 0, {
          deadlineAt: 0,
          ...(spread ? { spread } : {}),
          onTerminal: () => {
            ends.set(id, ends.get(id)! + 1);
            open.delete(id);
          },
        });
        const alive = before.map((_, slot) => slot).filter((slot) => hosts[slot]);
        if (alive.length === 0) {
          assert.equal(ends.get(id), 1);
          continue;
        }
        // Where it went shows in the count of open asks, also while the worker is starting.
        const cost = (slot: number) => [
          ready.has(slot) ? 0 : 1,
          shared.get(slot) ?? 0,
          before[slot]!,
        ];
        const [least] = alive.toSorted((a, b) => compare(cost(a), cost(b)));
        const slot = spread
          ? alive.find((slot) => (spread.get(slot) ?? 0) > (shared.get(slot) ?? 0))
          : least;
        assert.deepEqual(cost(slot!), cost(least!));
        if (ready.has(slot!)) assert.ok(hosts[slot!]!.asks.includes(id));
        open.set(id, slot!);
      }
      assert.equal(pool.openAsks, open.size);
      assert.equal(pool.readyCount, ready.size);
    }
    for (let slot = 0; slot < SIZE; slot++) pool.crash(slot);
    await pool.stop(clock.now());
    assert.deepEqual([...ends.values()].filter((count) => count !== 1), []);
    assert.equal(pool.lateReplies, 0);
    assert.equal(clock.pending, 0);
  }));
});

function compare(a: number[], b: number[]): number {
  for (const [at, value] of a.entries()) if (value !== b[at]) return value - b[at]!;
  return 0;
}
