import assert from "node:assert/strict";
import * as z from "zod";
import type { Terminal } from "../../../src/protocol/terminal.ts";
import { type PoolOptions, type Spread, WorkerPool } from "../../../src/runtime/worker_pool.ts";
import { spawnWorker } from "../../../src/runtime/spawn.ts";
import { echoProtocol } from "../../support/echo_actor.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { ScriptedHost } from "../../support/scripted_host.ts";
import { watchWorkers } from "../../support/worker_count.ts";

const protocol = {
  role: "scripted",
  start: z.null(),
  ask: z.string(),
  answer: z.unknown(),
  partial: z.unknown(),
};

type Ended = Terminal<unknown, unknown>;

function createPool(size: number, options: Partial<PoolOptions<null>> = {}) {
  const clock = new FakeClock();
  /** Every host that was spawned, by slot, in order. */
  const hosts: ScriptedHost[][] = Array.from({ length: size }, () => []);
  const downs: string[] = [];
  const pool = new WorkerPool<null, string, unknown, unknown>(protocol, {
    size,
    spawn: (slot) => {
      const host = new ScriptedHost("scripted");
      hosts[slot]!.push(host);
      return host;
    },
    start: null,
    clock,
    heartbeatMs: 1_000,
    maxRestarts: 5,
    restartWindowMs: 60_000,
    onDown: (reason, slot) => downs.push(`${reason} ${slot}`),
    ...options,
  });
  const terminals = new Map<string, Ended[]>();
  return {
    clock,
    pool,
    downs,
    terminals,
    /** The host that lives in `slot` now. */
    host: (slot: number) => hosts[slot]!.at(-1)!,
    spawned: (slot: number) => hosts[slot]!.length,
    becomeReady: () => {
      for (const slot of hosts) slot.at(-1)!.becomeReady();
    },
    ask: (id: string, extra: { spread?: Spread; port?: MessagePort } = {}) => {
      const seen: Ended[] = [];
      terminals.set(id, seen);
      return pool.ask(id, id, {
        deadlineAt: 0,
        onTerminal: (terminal) => seen.push(terminal),
        ...extra,
      });
    },
    /** Whether the promise has resolved by now. */
    resolved: async (promise: Promise<void>) => {
      let done = false;
      void promise.then(() => done = true);
      await clock.advance(0);
      return done;
    },
  };
}

const unavailable = {
  type: "failed",
  failure: {
    code: "unavailable",
    source: "gateway",
    retryable: true,
    message: "Cannot ask: no scripted worker is available",
  },
};

Deno.test("WorkerPool gives an ask to the least busy worker", () => {
  const { pool, ask, host, becomeReady } = createPool(3);
  becomeReady();
  for (const id of ["a", "b", "c", "d"]) ask(id);
  assert.deepEqual([0, 1, 2].map((slot) => host(slot).asks), [["a", "d"], ["b"], ["c"]]);
  host(1).answer("b");
  ask("e");
  assert.deepEqual(host(1).asks, ["b", "e"]);
  assert.equal(pool.openAsks, 4);
});

Deno.test("WorkerPool spreads the asks of one panel while a worker has none of them", () => {
  const { ask, host, becomeReady } = createPool(3);
  becomeReady();
  for (const id of ["x", "y", "z"]) ask(id);
  host(0).answer("x");
  const spread: Spread = new Map();
  for (const id of ["a", "b", "c", "d"]) ask(id, { spread });
  const panel = [0, 1, 2].map((slot) => host(slot).asks.filter((id) => id <= "d").length);
  assert.deepEqual(panel, [2, 1, 1]);
});

Deno.test("WorkerPool takes a worker that is still starting only when no other is ready", () => {
  const { ask, host, becomeReady, pool } = createPool(2);
  ask("early");
  assert.deepEqual(host(0).asks, []);
  becomeReady();
  assert.deepEqual(host(0).asks, ["early"]);
  pool.crash(1);
  const spread: Spread = new Map();
  ask("a", { spread });
  ask("b", { spread });
  assert.deepEqual(host(0).asks, ["early", "a", "b"]);
});

Deno.test("WorkerPool gives no ask to a worker that just died, not even from its own terminals", async () => {
  const { pool, host, becomeReady, terminals, ask } = createPool(2);
  becomeReady();
  ask("busy");
  const ends: Ended[] = [];
  const onTerminal = (terminal: Ended) => {
    ends.push(terminal);
    ask("again");
  };
  pool.ask("first", "first", { deadlineAt: 0, onTerminal });
  host(1).crash();
  await null;
  assert.deepEqual(ends, [{ type: "down", reason: "crashed" }]);
  assert.deepEqual(terminals.get("again"), []);
  assert.deepEqual(host(0).asks, ["busy", "again"]);
});

Deno.test("WorkerPool of one worker keeps an ask for the worker that takes the dead one's place", () => {
  const { pool, host, becomeReady, ask, spawned } = createPool(1);
  becomeReady();
  pool.crash(0);
  ask("a");
  assert.equal(spawned(0), 2);
  assert.deepEqual(host(0).asks, []);
  host(0).becomeReady();
  assert.deepEqual(host(0).asks, ["a"]);
});

Deno.test("WorkerPool fails an ask as unavailable while every worker waits to be restarted", async () => {
  const { pool, clock, terminals, ask } = createPool(1);
  pool.crash(0);
  pool.crash(0);
  const { port1, port2 } = new MessageChannel();
  ask("a", { port: port2 });
  assert.deepEqual(terminals.get("a"), [unavailable]);
  assert.equal(pool.available, true);
  await clock.advance(20);
  ask("b");
  assert.deepEqual(terminals.get("b"), []);
  port1.close();
});

Deno.test("WorkerPool beyond its restart intensity is unavailable, and its open asks go on", async () => {
  const { pool, host, becomeReady, terminals, ask, clock, spawned } = createPool(2, {
    maxRestarts: 1,
  });
  becomeReady();
  ask("a");
  pool.crash(1);
  pool.crash(1);
  assert.equal(pool.available, false);
  ask("b");
  assert.deepEqual(terminals.get("b"), [unavailable]);
  host(0).answer("a", 1);
  assert.deepEqual(terminals.get("a"), [{ type: "answered", payload: 1 }]);
  await clock.advance(1_000);
  assert.equal(spawned(1), 2);
});

Deno.test("WorkerPool cancels an ask where it is, once it is there", () => {
  const { host, becomeReady, ask } = createPool(1);
  becomeReady();
  const cancel = ask("a");
  cancel("late");
  cancel("later");
  host(0).answer("a");
  cancel("too late");
  const cancels = host(0).told.filter(({ type }) => type === "cancel");
  assert.deepEqual(cancels.map((told) => "reason" in told && told.reason), ["late", "later"]);
});

Deno.test("WorkerPool counts late replies over the lives of its workers", async () => {
  const { pool, host, becomeReady, terminals, ask } = createPool(1);
  becomeReady();
  ask("a");
  const first = host(0);
  pool.crash(0);
  first.answer("a");
  host(0).becomeReady();
  ask("b");
  host(0).answer("b");
  host(0).say({
    type: "failed",
    ask: "b",
    failure: { code: "timeout", source: "upstream", retryable: true, message: "" },
  });
  await null;
  assert.equal(pool.lateReplies, 2);
  assert.deepEqual(terminals.get("a"), [{ type: "down", reason: "exited" }]);
  assert.deepEqual(terminals.get("b"), [{ type: "answered", payload: null }]);
});

Deno.test("WorkerPool tells each death, and nothing of an end in order", async () => {
  const { pool, host, becomeReady, downs } = createPool(2);
  becomeReady();
  host(0).crash();
  host(1).say({ type: "crashed", error: "RangeError at x.ts:1:2" });
  assert.deepEqual(downs, ["crashed 0", "crashed 1"]);
  becomeReady();
  const stopped = pool.stop(Infinity);
  for (const slot of [0, 1]) host(slot).say({ type: "exited" });
  await stopped;
  assert.equal(downs.length, 2);
});

Deno.test("WorkerPool.ready() resolves when every worker is ready, also one that had to be restarted", async () => {
  const { pool, host, resolved } = createPool(2);
  const ready = pool.ready();
  host(0).becomeReady();
  host(1).crash();
  assert.equal(await resolved(ready), false);
  host(1).becomeReady();
  assert.equal(await resolved(ready), true);
  assert.equal(pool.readyCount, 2);
  assert.equal(await resolved(pool.ready()), true);
});

Deno.test("WorkerPool.ready() resolves when a worker cannot be got ready", async () => {
  const { pool, clock, resolved, terminals, ask } = createPool(2, { restartWindowMs: 3_600_000 });
  const ready = pool.ready();
  ask("a");
  for (let minute = 0; minute < 4; minute++) await clock.advance(61_000);
  assert.equal(await resolved(ready), true);
  assert.equal(pool.available, false);
  assert.deepEqual(terminals.get("a"), [{ type: "down", reason: "unresponsive" }]);
  await pool.stop(clock.now());
  assert.equal(clock.pending, 0);
});

Deno.test("WorkerPool.ready() resolves when a worker cannot be spawned again", async () => {
  let spawned = 0;
  const { pool, clock, resolved } = createPool(1, {
    maxRestarts: 3,
    spawn: () => {
      if (spawned++ > 0) throw new Error("No thread");
      return new ScriptedHost("scripted");
    },
  });
  const ready = pool.ready();
  pool.crash(0);
  assert.equal(await resolved(ready), false);
  await clock.advance(1_000);
  assert.equal(await resolved(ready), true);
  assert.equal(pool.available, false);
  await pool.stop(clock.now());
});

Deno.test("WorkerPool.ready() resolves when the pool is stopped meanwhile", async () => {
  const { pool, resolved, clock } = createPool(2);
  const ready = pool.ready();
  await pool.stop(clock.now() + 1_000);
  assert.equal(await resolved(ready), true);
  assert.equal(clock.pending, 0);
});

Deno.test("WorkerPool.stop() waits for every worker to have gone", async () => {
  const { pool, host, becomeReady, resolved, clock, ask, terminals } = createPool(2);
  becomeReady();
  ask("a");
  const stopped = pool.stop(clock.now() + 1_000);
  assert.ok(host(0).was("shutdown") && host(1).was("shutdown"));
  ask("b");
  assert.deepEqual(terminals.get("b"), [unavailable]);
  host(0).answer("a");
  host(0).say({ type: "exited" });
  assert.equal(await resolved(stopped), false);
  host(1).say({ type: "exited" });
  assert.equal(await resolved(stopped), true);
  assert.ok(host(0).killed && host(1).killed);
  assert.equal(clock.pending, 0);
});

Deno.test("WorkerPool.stop() kills what has not gone in time", async () => {
  const { pool, host, becomeReady, resolved, clock, ask, terminals, downs } = createPool(2);
  becomeReady();
  ask("a");
  const stopped = pool.stop(clock.now() + 1_000);
  host(1).say({ type: "exited" });
  await clock.advance(999);
  assert.equal(await resolved(stopped), false);
  await clock.advance(1);
  assert.equal(await resolved(stopped), true);
  assert.equal(host(0).killed, true);
  assert.deepEqual(downs, []);
  assert.deepEqual(terminals.get("a"), [{ type: "down", reason: "exited" }]);
  assert.equal(clock.pending, 0);
});

Deno.test("WorkerPool.stop() resolves whatever state its workers are in", async () => {
  const { pool, host, clock, resolved } = createPool(4);
  // One is ready and dies meanwhile, one is starting, one waits to be restarted, one is ready.
  host(0).becomeReady();
  pool.crash(2);
  pool.crash(2);
  host(3).becomeReady();
  const stopped = pool.stop(clock.now() + 10_000);
  const again = pool.stop(clock.now() + 20_000);
  host(0).crash();
  host(3).say({ type: "exited" });
  assert.equal(await resolved(stopped), true);
  assert.equal(await resolved(again), true);
  assert.equal(clock.pending, 0);
});

Deno.test("WorkerPool.stop() finds a worker that falls silent meanwhile before it has to be killed", async () => {
  const { pool, becomeReady, clock, resolved } = createPool(1);
  becomeReady();
  const stopped = pool.stop(clock.now() + 3_600_000);
  await clock.advance(4_000);
  assert.equal(await resolved(stopped), true);
  assert.equal(clock.pending, 0);
});

Deno.test("WorkerPool of real workers replaces one that died, and leaves none behind", async () => {
  using workers = watchWorkers();
  const clock = new FakeClock();
  const url = new URL("../../support/echo_actor.ts", import.meta.url);
  const pool = new WorkerPool(echoProtocol, {
    size: 2,
    spawn: (slot) => spawnWorker(url, { name: `echo-${slot}`, net: [] }),
    start: { greeting: "hello" },
    clock,
    heartbeatMs: 1_000,
    maxRestarts: 5,
    restartWindowMs: 60_000,
  });
  await pool.ready();
  const spread: Spread = new Map();
  const ask = (id: string, value: number) =>
    new Promise<string>((resolve) =>
      pool.ask(id, value === 0 ? { do: "throw_later" } : { do: "echo", value }, {
        deadlineAt: 0,
        spread,
        onTerminal: ({ type }) => resolve(type),
      })
    );
  assert.deepEqual(await Promise.all([ask("a", 0), ask("b", 1)]), ["down", "answered"]);
  await pool.ready();
  assert.equal(pool.readyCount, 2);
  assert.equal(workers.made, 3);
  await pool.stop(clock.now() + 60_000);
  assert.equal(workers.alive, 0);
  assert.equal(clock.pending, 0);
});
