import assert from "node:assert/strict";
import * as z from "zod";
import type { Host } from "../../../src/runtime/actor_ref.ts";
import { SharedWorkers } from "../../../src/runtime/shared_workers.ts";
import { WorkerPool } from "../../../src/runtime/worker_pool.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { ScriptedHost } from "../../support/scripted_host.ts";

/** Two roles in shared workers of which only the messages exist. */
function lodge(roles: readonly string[], slot = 0) {
  const hosts: ScriptedHost[] = [];
  const restarts: number[] = [];
  const workers = new SharedWorkers(() => {
    const host = new ScriptedHost("shared");
    hosts.push(host);
    return host;
  }, () => restarts.push(hosts.length));
  const crashed: string[] = [];
  const take = (role: string, at = slot): Host => {
    const host = workers.host(role, at);
    host.onCrash(() => crashed.push(role));
    return host;
  };
  return { hosts, crashed, restarts, take, taken: roles.map((role) => take(role)) };
}

Deno.test("SharedWorkers brings up one worker for every role in a slot", () => {
  const { hosts, take } = lodge(["judge", "member"]);
  assert.equal(hosts.length, 1);
  take("judge", 1);
  assert.equal(hosts.length, 2);
});

Deno.test("SharedWorkers tells every role of a worker's own death, and ends it", () => {
  const { hosts, crashed } = lodge(["judge", "member"]);
  hosts[0]!.crash();
  assert.deepEqual(crashed, ["judge", "member"]);
  assert.equal(hosts[0]!.killed, true);
});

Deno.test("SharedWorkers tells the others when one role has the worker killed, once", () => {
  const { hosts, crashed, taken } = lodge(["judge", "member", "writer"]);
  taken[1]!.kill();
  assert.equal(hosts[0]!.killed, true);
  assert.deepEqual(crashed, ["judge", "writer"]);
  hosts[0]!.crash();
  taken[0]!.kill();
  assert.deepEqual(crashed, ["judge", "writer"]);
});

Deno.test("SharedWorkers tells the others what one role found the worker to be", () => {
  const { taken } = lodge(["judge", "member"]);
  let found: string | undefined;
  taken[0]!.onCrash((reason) => found = reason);
  taken[1]!.kill("unresponsive");
  assert.equal(found, "unresponsive");
});

Deno.test("SharedWorkers ends a worker when its last actor has gone, and crashes nobody", () => {
  const { hosts, crashed, taken } = lodge(["judge", "member"]);
  taken[0]!.leave();
  assert.equal(hosts[0]!.killed, false);
  taken[1]!.leave();
  assert.equal(hosts[0]!.killed, true);
  assert.deepEqual(crashed, []);
});

Deno.test("SharedWorkers gives one new worker in the place of a dead one, for all roles", () => {
  const { hosts, restarts, take } = lodge(["judge", "member"]);
  hosts[0]!.crash();
  take("judge");
  take("member");
  assert.equal(hosts.length, 2);
  assert.deepEqual(restarts, [1]);
  assert.equal(hosts[1]!.killed, false);
});

Deno.test("SharedWorkers gives a role that is told of the death its new worker at once", () => {
  const { hosts, take } = lodge([]);
  let restarted = 0;
  const restart = () => {
    restarted++;
    take("judge");
  };
  const first = take("judge");
  first.onCrash(restart);
  take("member");
  hosts[0]!.crash();
  assert.equal(restarted, 1);
  assert.equal(hosts.length, 2);
});

Deno.test("SharedWorkers of a dead worker gives no pool's next ask to it, whichever heard first", async () => {
  const hosts: ScriptedHost[] = [];
  const workers = new SharedWorkers(() => {
    const host = new ScriptedHost("shared");
    hosts.push(host);
    return host;
  });
  const clock = new FakeClock();
  const pools = ["member", "judge"].map((role) =>
    new WorkerPool({
      role,
      start: z.null(),
      ask: z.string(),
      answer: z.unknown(),
      partial: z.unknown(),
    }, {
      size: 1,
      spawn: (slot) => workers.host(role, slot),
      start: null,
      clock,
      heartbeatMs: 1_000,
      maxRestarts: 9,
      restartWindowMs: 60_000,
    })
  );
  const ready = (host: ScriptedHost) => {
    for (const { role } of pools) {
      host.say([role, { type: "listening" }] as never);
      host.say([role, { type: "ready", role }] as never);
    }
  };
  ready(hosts[0]!);
  // Each of them, when its ask ends, has the other one asked.
  const ends: string[] = [];
  for (const [at, pool] of pools.entries()) {
    pool.ask("first", "first", {
      deadlineAt: 0,
      onTerminal: ({ type }) => {
        ends.push(`${pool.role} ${type}`);
        const other = pools[1 - at]!;
        other.ask("second", "second", {
          deadlineAt: 0,
          onTerminal: ({ type }) => ends.push(`${other.role} again ${type}`),
        });
      },
    });
  }
  hosts[0]!.crash();
  await clock.advance(0);
  assert.deepEqual(ends.toSorted(), ["judge down", "member down"]);
  assert.equal(hosts.length, 2);
  ready(hosts[1]!);
  for (const { role } of pools) {
    hosts[1]!.say([role, { type: "answered", ask: "second", payload: null }] as never);
  }
  assert.deepEqual(ends.slice(2).toSorted(), ["judge again answered", "member again answered"]);
  for (const pool of pools) pool.crash(0);
  await Promise.all(pools.map((pool) => pool.stop(clock.now())));
});
