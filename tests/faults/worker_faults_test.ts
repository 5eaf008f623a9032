/**
 * Workers of the whole gateway that throw, leave, hang, are flooded, or die faster than they can be
 * started again: what each request gets, in flight or not, and what the gateway says of itself.
 */
import assert from "node:assert/strict";
import type { Break } from "../support/breakable_worker.ts";
import { type BreakableWorkers, breakableWorkers } from "../support/breakable_workers.ts";
import { Bystanders } from "../support/bystanders.ts";
import { ServedGateway } from "../support/served_gateway.ts";
import { SMALL } from "../support/small_worker.ts";
import { until } from "../support/until.ts";

/** Short: what has gone without a word is missed after four of these. */
const HEARTBEAT_MS = 100;
const RUNTIME = `heartbeat_ms = ${HEARTBEAT_MS}`;

interface WorkerFault {
  readonly what: string;
  readonly how: Break;
  readonly reason: "crashed" | "unresponsive";
}

const FAULTS: readonly WorkerFault[] = [
  { what: "throws", how: { break: "throw" }, reason: "crashed" },
  { what: "leaves a rejection unhandled", how: { break: "reject" }, reason: "crashed" },
  { what: "closes itself", how: { break: "close" }, reason: "unresponsive" },
  { what: "exits", how: { break: "exit" }, reason: "unresponsive" },
  {
    what: "hangs in a loop",
    how: { break: "spin", ms: 12 * HEARTBEAT_MS },
    reason: "unresponsive",
  },
];

/** Every call that was in a worker which is no more has ended at the far end, and all are up again. */
async function assertMended(
  { gateway }: Bystanders,
  { workers, died, reason }: {
    readonly workers: BreakableWorkers;
    readonly died: number;
    readonly reason: string;
  },
) {
  const { system } = gateway.gateway;
  await until(() => workers.made.length === 2 + died, "as many workers to be started again");
  await system.ready();
  assert.equal(
    (await fetch(`${gateway.url}/readyz`).then((response) => response.json())).status,
    "ready",
  );
  const downs = gateway.lines.filter((line) => line.includes("worker down"));
  assert.equal(downs.length, died * system.pools.length);
  assert.ok(downs.every((line) => line.includes(`reason=${reason}`)), downs.join("\n"));
  assert.match(await gateway.metrics(), new RegExp(`^tutti_worker_restarts_total ${died}$`, "m"));
}

for (const { what, how, reason } of FAULTS) {
  Deno.test(`a worker that ${what} costs no request its answer`, async () => {
    using workers = breakableWorkers();
    await using bystanders = await Bystanders.start({ runtime: RUNTIME });
    await bystanders.unharmedBy(async () => {
      workers.break(workers.made[0]!, how);
      await assertMended(bystanders, { workers, died: 1, reason });
    }, { mayBeAskedAgain: true });
    await until(() => bystanders.gateway.upstream.totals.open === 0, "every call to have ended");
    // A thread that spins holds its sockets until it is done.
    if (how.break !== "spin") assert.ok(bystanders.gateway.upstream.totals.ended.aborted > 0);
  });
}

Deno.test("workers that all die at once cost no request its answer", async () => {
  using workers = breakableWorkers();
  await using bystanders = await Bystanders.start();
  await bystanders.unharmedBy(async () => {
    for (const worker of [...workers.made]) workers.break(worker, { break: "throw" });
    await assertMended(bystanders, { workers, died: 2, reason: "crashed" });
  }, { mayBeAskedAgain: true });
  await until(() => bystanders.gateway.upstream.totals.open === 0, "every call to have ended");
});

Deno.test("workers that are flooded refuse what they cannot take with 503, at once, and nothing else", async () => {
  using _workers = breakableWorkers("small");
  const gate = Promise.withResolvers<void>();
  await using bystanders = await Bystanders.start({
    server: "max_concurrent_requests = 1000",
    script: ({ body }) => body.user === "flood" ? { until: gate.promise } : undefined,
  });
  const { gateway } = bystanders;
  const room = 2 * (SMALL.concurrency + SMALL.mailboxLimit);
  await bystanders.unharmedBy(async () => {
    const asked = Array.from(
      { length: 3 * room },
      () => gateway.ask({ user: "flood", fusion: { route: "single" } }),
    );
    let answered = 0;
    for (const each of asked) void each.then(() => answered++);
    // Two places are the bystanders'. Nobody else is answered yet: the upstream is silent.
    await until(() => answered === 2 * room + 2, "the refused to be told");
    gate.resolve();
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status !== 200);
    assert.equal(refused.length, 2 * room + 2);
    for (const { status, body, headers } of refused) {
      assert.deepEqual([status, body.error.code], [503, "overloaded"]);
      assert.ok(Number(headers.get("retry-after")) > 0);
    }
  });
  assert.equal(gateway.lines.some((line) => line.includes("worker down")), false);
});

Deno.test("a restart storm stops at its intensity: not ready, with a reason, and 503 for who asks", async () => {
  using workers = breakableWorkers();
  const gate = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    runtime: "max_restarts = 3",
    script: () => ({ until: gate.promise }),
  });
  const inFlight = [gateway.ask(), gateway.ask()];
  await until(() => gateway.upstream.totals.requests === 6, "both to be in flight");
  workers.program = "stillborn";
  for (const worker of [...workers.made]) workers.break(worker, { break: "throw" });
  await until(() => !gateway.gateway.system.readiness().ready, "the gateway to give up");
  await until(() => gateway.gateway.system.pools.every(({ available }) => !available));

  for (const { status, body } of await Promise.all(inFlight)) {
    // Nobody was left to ask, or whoever was asked died: an error in any case, and no hang.
    assert.match(`${status} ${body.error.code}`, /^(503 overloaded|502 panel_quorum_not_met)$/);
  }
  const ready = await fetch(`${gateway.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.deepEqual((await ready.json()).reasons, [
    "no panel_member worker is ready",
    "no judge worker is ready",
    "no synthesizer worker is ready",
  ]);
  assert.equal((await (await fetch(`${gateway.url}/healthz`)).json()).status, "ok");
  const { status, headers, body } = await gateway.ask();
  assert.deepEqual([status, body.error.code], [503, "overloaded"]);
  assert.ok(Number(headers.get("retry-after")) > 0);
  const streamed = await gateway.stream();
  assert.deepEqual([streamed.done, streamed.error.code], [false, "overloaded"]);
  assert.ok(workers.made.length <= 2 + 3, `${workers.made.length} workers were made`);
  gate.resolve();
});
