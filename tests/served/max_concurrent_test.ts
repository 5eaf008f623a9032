/**
 * `[[backends]] max_concurrent`: one at a time for a local model, over all workers and all runs.
 */
import assert from "node:assert/strict";
import { ServedGateway } from "../support/served_gateway.ts";
import { until } from "../support/until.ts";

/** The most calls that were open at the upstream at once. */
function peak(gateway: ServedGateway): () => number {
  let open = 0;
  let most = 0;
  gateway.upstream.onArrived(() => most = Math.max(most, ++open));
  gateway.upstream.onEnded(() => open--);
  return () => most;
}

Deno.test("max_concurrent = 1 asks one at a time, whichever worker and whichever run", async () => {
  await using gateway = await ServedGateway.start({
    backend: "max_concurrent = 1",
    panel: "grace_ms = 5000",
    defaults: { firstTokenMs: 5 },
  });
  const most = peak(gateway);
  const answers = await Promise.all([gateway.ask(), gateway.ask(), gateway.stream()]);
  assert.deepEqual([answers[0].status, answers[1].status, answers[2].done], [200, 200, true]);
  assert.equal(most(), 1);
  assert.equal(gateway.upstream.totals.requests, 15);
});

Deno.test("an ask whose client has left leaves the line and is never sent", async () => {
  const held = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    backend: "max_concurrent = 1",
    script: ({ body }) => body.user === "first" ? { until: held.promise } : undefined,
  });
  const single = (user: string) => ({ user, fusion: { route: "single" } });
  const first = gateway.ask(single("first"));
  await gateway.upstream.waitFor(({ body }) => body.user === "first");
  const leaving = new AbortController();
  const second = gateway.post(single("second"), leaving.signal).catch(() => "left");
  const third = gateway.ask(single("third"));
  await until(() => gateway.gateway.system.waiting === 2, "two to wait");
  leaving.abort();
  assert.equal(await second, "left");
  await until(() => gateway.gateway.system.waiting === 1, "one to wait");
  held.resolve();
  assert.deepEqual([(await first).status, (await third).status], [200, 200]);
  assert.deepEqual(gateway.bodies("solo").map(({ user }) => user), ["first", "third"]);
});

Deno.test("a deadline ends the wait for a place", async () => {
  const held = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    backend: "max_concurrent = 1",
    script: () => ({ until: held.promise }),
  });
  const first = gateway.ask({ fusion: { route: "single" } });
  await gateway.upstream.waitFor(({ model }) => model === "solo");
  const second = await gateway.ask({ fusion: { route: "single", deadline_ms: 50 } });
  assert.equal(second.status, 504);
  held.resolve();
  assert.equal((await first).status, 200);
  assert.equal(gateway.upstream.totals.requests, 1);
});

Deno.test("what is passed through waits its turn with the runs' calls", async () => {
  const held = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    server: "passthrough = true",
    backend: "max_concurrent = 1",
    script: ({ model }) => model === "solo" ? { until: held.promise } : undefined,
  });
  const most = peak(gateway);
  const run = gateway.ask({ fusion: { route: "single" } });
  await gateway.upstream.waitFor(({ model }) => model === "solo");
  const relayed = gateway.ask({ model: "a" });
  await until(() => gateway.gateway.system.waiting === 1, "one to wait");
  held.resolve();
  assert.deepEqual([(await run).status, (await relayed).status], [200, 200]);
  assert.equal(most(), 1);
});
