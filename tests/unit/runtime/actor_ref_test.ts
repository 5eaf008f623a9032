import assert from "node:assert/strict";
import * as z from "zod";
import type { DownReason } from "../../../src/protocol/lifecycle.ts";
import type { Terminal } from "../../../src/protocol/terminal.ts";
import { ActorRef } from "../../../src/runtime/actor_ref.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { ScriptedHost } from "../../support/scripted_host.ts";

const protocol = {
  role: "scripted",
  start: z.strictObject({ key: z.string() }),
  ask: z.string(),
  answer: z.string(),
  partial: z.number(),
};

function bringUp() {
  const clock = new FakeClock();
  const host = new ScriptedHost("scripted");
  const downs: (DownReason | null)[] = [];
  const ref = new ActorRef(protocol, host, {
    start: { key: "k" },
    clock,
    heartbeatMs: 1_000,
    onDown: (reason) => downs.push(reason),
  });
  const terminals: Terminal<string, number>[] = [];
  const ask = (id: string) =>
    ref.ask(id, id, { deadlineAt: 7, onTerminal: (terminal) => terminals.push(terminal) });
  return { clock, host, downs, ref, ask, terminals };
}

Deno.test("ActorRef starts an actor that listens, and sends asks when it is ready", () => {
  const { clock, host, ask, ref } = bringUp();
  ask("a");
  assert.deepEqual(host.told, []);
  host.say({ type: "listening" });
  assert.deepEqual(host.told, [{ type: "start", now: clock.now(), config: { key: "k" } }]);
  assert.equal(ref.state, "starting");
  host.say({ type: "ready", role: "scripted" });
  assert.equal(ref.state, "ready");
  assert.deepEqual(host.told.slice(1), [{ type: "ask", ask: "a", deadlineAt: 7, payload: "a" }]);
});

Deno.test("ActorRef sends no second start", () => {
  const { host } = bringUp();
  host.becomeReady();
  host.becomeReady();
  assert.equal(host.told.length, 1);
});

Deno.test("ActorRef gives an actor a minute to get ready", async () => {
  const { clock, host, downs, ask, terminals } = bringUp();
  host.say({ type: "listening" });
  ask("a");
  await clock.advance(59_999);
  assert.deepEqual(downs, []);
  await clock.advance(1);
  assert.deepEqual(downs, ["unresponsive"]);
  assert.deepEqual(terminals, [{ type: "down", reason: "unresponsive" }]);
  assert.equal(host.killed, true);
  assert.equal(clock.pending, 0);
});

Deno.test("ActorRef gives an actor up at the beat after three pings without a word", async () => {
  const { clock, host, downs } = bringUp();
  host.becomeReady();
  await clock.advance(3_999);
  assert.equal(host.told.filter(({ type }) => type === "ping").length, 3);
  assert.deepEqual(downs, []);
  await clock.advance(1);
  assert.deepEqual(downs, ["unresponsive"]);
  assert.equal(clock.pending, 0);
});

Deno.test("ActorRef takes any word for a sign of life", async () => {
  const { clock, host, downs, ask } = bringUp();
  host.becomeReady();
  for (let beat = 0; beat < 10; beat++) {
    ask(`a${beat}`);
    await clock.advance(3_000);
    if (beat % 2) host.answer(`a${beat}`, "yes");
    else host.say({ type: "pong" });
  }
  assert.deepEqual(downs, []);
});

Deno.test("ActorRef reads a partial that is not of the protocol as none", () => {
  const { host, ask, terminals } = bringUp();
  host.becomeReady();
  const failure = { code: "timeout", source: "upstream", retryable: true, message: "m" } as const;
  for (const [id, partial] of [["a", 5], ["b", "five"], ["c", undefined]] as const) {
    ask(id);
    host.say({ type: "failed", ask: id, failure, partial });
  }
  assert.deepEqual(terminals, [
    { type: "failed", failure, partial: 5 },
    { type: "failed", failure },
    { type: "failed", failure },
  ]);
});

Deno.test("ActorRef refuses a second ask of a name that is open, and keeps the first", () => {
  const { host, ask, terminals } = bringUp();
  host.becomeReady();
  ask("a");
  assert.throws(() => ask("a"), /Cannot ask: a is open already/);
  host.answer("a", "first");
  assert.deepEqual(terminals, [{ type: "answered", payload: "first" }]);
});

Deno.test("ActorRef tells that it is down before its asks end", async () => {
  const { host, downs, ref } = bringUp();
  host.becomeReady();
  let known = false;
  ref.ask("a", "a", { deadlineAt: 0, onTerminal: () => known = downs.length === 1 });
  host.crash();
  await null;
  assert.equal(known, true);
});

Deno.test("ActorRef is down once, whatever happens after", async () => {
  const { clock, host, downs, ref } = bringUp();
  host.becomeReady();
  host.crash();
  host.say({ type: "exited" });
  host.say({ type: "nonsense" } as never);
  host.becomeReady();
  ref.stop();
  ref.kill();
  await clock.advance(100_000);
  assert.deepEqual(downs, ["crashed"]);
  assert.equal(ref.state, "gone");
});
