import assert from "node:assert/strict";
import * as z from "zod";
import type { FromActor, ToActor } from "../../../src/protocol/lifecycle.ts";
import { defineActor } from "../../../src/runtime/actor.ts";
import { serve } from "../../../src/runtime/serve.ts";
import { spawnInThread } from "../../../src/runtime/spawn.ts";
import { settled } from "../../support/fake_clock.ts";

/** An actor whose asks wait until they are aborted, and what became of them. */
function createWaiter() {
  const reasons: unknown[] = [];
  const definition = defineActor({
    protocol: {
      role: "waiter",
      start: z.null(),
      ask: z.string(),
      answer: z.string(),
      partial: z.null(),
    },
    open: () => async (ask, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      reasons.push(signal.reason);
      return ask;
    },
  });
  return { definition, reasons };
}

/** Serves it on a port that clones nothing, so that the test keeps hold of what it sends. */
function serveWaiter(limits: { concurrency: number; mailboxLimit: number }) {
  const said: FromActor[] = [];
  let tell: (message: ToActor) => void = () => {};
  let closed = 0;
  const { definition } = createWaiter();
  serve(definition, {
    post: (message) => void said.push(message as FromActor),
    listen: (receive) => tell = receive,
    close: () => closed++,
  }, limits);
  return { said, tell: (message: ToActor) => tell(message), closed: () => closed };
}

/** A port, and whether it was closed. */
function watchedPort(): { port: MessagePort; closed: () => boolean } {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  let closed = false;
  const close = port2.close.bind(port2);
  port2.close = () => {
    closed = true;
    close();
  };
  return { port: port2, closed: () => closed };
}

const codesOf = (said: FromActor[]) =>
  said.map((message) => message.type === "failed" ? message.failure.code : message.type);

Deno.test("serve() closes the port of every ask that ends, begun or not", async () => {
  const { said, tell } = serveWaiter({ concurrency: 1, mailboxLimit: 1 });
  const ports = ["running", "waiting", "refused"].map((ask) => ({ ask, ...watchedPort() }));
  tell({ type: "start", now: 0, config: null });
  for (const { ask, port } of ports) {
    tell({ type: "ask", ask, deadlineAt: 0, payload: ask, port });
  }
  assert.deepEqual(ports.map(({ closed }) => closed()), [false, false, true]);
  tell({ type: "cancel", ask: "waiting", reason: "" });
  assert.deepEqual(ports.map(({ closed }) => closed()), [false, true, true]);
  tell({ type: "cancel", ask: "running", reason: "" });
  await settled();
  assert.deepEqual(ports.map(({ closed }) => closed()), [true, true, true]);
  assert.deepEqual(codesOf(said), ["listening", "ready", "overloaded", "cancelled", "answered"]);
});

Deno.test("serve() refuses what comes after its shutdown, and goes once", async () => {
  const { said, tell, closed } = serveWaiter({ concurrency: 1, mailboxLimit: 1 });
  tell({ type: "start", now: 0, config: null });
  tell({ type: "ask", ask: "a", deadlineAt: 0, payload: "a" });
  tell({ type: "shutdown" });
  tell({ type: "shutdown" });
  tell({ type: "ask", ask: "b", deadlineAt: 0, payload: "b" });
  await settled();
  assert.deepEqual(codesOf(said), ["listening", "ready", "cancelled", "answered", "exited"]);
  assert.equal(closed(), 1);
});

Deno.test("serve() that never was started goes when it is told to", () => {
  const { said, tell } = serveWaiter({ concurrency: 1, mailboxLimit: 1 });
  tell({ type: "ask", ask: "a", deadlineAt: 0, payload: "a" });
  tell({ type: "shutdown" });
  assert.deepEqual(codesOf(said), ["listening", "cancelled", "exited"]);
});

Deno.test("spawnInThread() that is killed aborts what runs, as the end of a thread would", async () => {
  const { definition, reasons } = createWaiter();
  const host = spawnInThread(definition);
  const said: unknown[] = [];
  host.port.listen((message) => said.push(message), () => {});
  host.port.post({ type: "start", now: 0, config: null });
  host.port.post({ type: "ask", ask: "a", deadlineAt: 0, payload: "a" });
  await settled();
  host.kill();
  await settled();
  assert.deepEqual(reasons, ["killed"]);
  assert.deepEqual(said, [{ type: "listening" }, { type: "ready", role: "waiter" }]);
});
