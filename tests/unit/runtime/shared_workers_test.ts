import assert from "node:assert/strict";
import type { Host } from "../../../src/runtime/actor_ref.ts";
import { SharedWorkers } from "../../../src/runtime/shared_workers.ts";
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
