/**
 * Overload, by counting: ten times more requests than there are places. Those that have a place or
 * may wait are answered; the others are told at once, cost no upstream a call, and afterwards the
 * house is as before.
 */
import assert from "node:assert/strict";
import { ServedGateway } from "../support/served_gateway.ts";
import { until } from "../support/until.ts";

const CAPACITY = 4;
const QUEUE = 4;
const CALLS_OF_A_RUN = 5;

Deno.test("ten times its capacity leaves the house as it was, and its goodput whole", async () => {
  const gate = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    server: `max_concurrent_requests = ${CAPACITY}\nqueue_limit = ${QUEUE}`,
    script: ({ body }) => body.user === "flood" ? { until: gate.promise } : undefined,
  });
  const asked = Array.from({ length: 10 * CAPACITY }, () => gateway.post({ user: "flood" }));
  let answered = 0;
  for (const each of asked) void each.then(() => answered++);
  const shed = 10 * CAPACITY - CAPACITY - QUEUE;
  // Nothing that has a place can end yet: whoever is answered now was shed, and did not wait.
  await until(() => answered === shed, "the shed to be answered");
  const panels = () => gateway.upstream.totals.requests === 3 * CAPACITY;
  await until(panels, "those who have a place to ask their panels");
  gate.resolve();

  const answers = await Promise.all(asked);
  const bodies = await Promise.all(answers.map((each) => each.json()));
  const statuses = Object.groupBy(answers, ({ status }) => status);
  assert.equal(statuses[200]?.length, CAPACITY + QUEUE);
  assert.equal(statuses[503]?.length, shed);
  for (const response of statuses[503]!) assert.ok(Number(response.headers.get("retry-after")) > 0);
  for (const { error } of bodies) if (error) assert.equal(error.code, "overloaded");
  assert.equal(gateway.upstream.totals.requests, (CAPACITY + QUEUE) * CALLS_OF_A_RUN);

  const metrics = await gateway.metrics();
  assert.match(metrics, new RegExp(`^tutti_shed_total\\{reason="queue_full"\\} ${shed}$`, "m"));
  assert.match(metrics, /^tutti_in_flight 0$/m);
  assert.match(metrics, /^tutti_queue_depth 0$/m);
  assert.deepEqual(await (await fetch(`${gateway.url}/readyz`)).json(), { status: "ready" });
  assert.equal((await gateway.ask()).status, 200);
});

Deno.test("max_upstream_calls bounds the calls that all runs have open at once", async () => {
  await using gateway = await ServedGateway.start({
    server: "max_upstream_calls = 6",
    panel: "grace_ms = 5000",
    defaults: { firstTokenMs: 5 },
  });
  let open = 0;
  let most = 0;
  gateway.upstream.onArrived(() => most = Math.max(most, ++open));
  gateway.upstream.onEnded(() => open--);
  const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.ask()));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.ok(most <= 6 && most >= 3, `${most} calls at once`);
  assert.equal(gateway.upstream.totals.requests, 8 * CALLS_OF_A_RUN);
});

Deno.test("max_upstream_calls counts a request to a single model as one call", async () => {
  const gate = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    server: "max_upstream_calls = 3\nqueue_limit = 0",
    script: () => ({ until: gate.promise }),
  });
  const single = { fusion: { route: "single" } };
  const held = Array.from({ length: 3 }, () => gateway.ask(single));
  await until(() => gateway.upstream.totals.requests === 3, "three to be asked");
  assert.equal((await gateway.ask(single)).status, 503);
  gate.resolve();
  for (const each of held) assert.equal((await each).status, 200);
});
