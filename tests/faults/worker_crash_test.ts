import assert from "node:assert/strict";
import type { Outcome } from "../../src/fusion/outcome.ts";
import { healthPolicy } from "../support/health_policy.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { createSystem, type System } from "../../src/system.ts";
import { ServedGateway } from "../support/served_gateway.ts";
import { until } from "../support/until.ts";
import { BACKEND, type RequestSpec, runRequest } from "../support/run_requests.ts";
import {
  after,
  says,
  type Script,
  ScriptedUpstream,
  streams,
} from "../support/scripted_upstream.ts";

const RUNS = 100;

/** Real workers in front of an upstream. */
class Workers implements AsyncDisposable {
  readonly clock = systemClock();
  readonly downs: string[] = [];
  restarts = 0;
  readonly system: System;

  constructor(upstream: ScriptedUpstream, { maxRestarts = 100 } = {}) {
    this.system = createSystem({
      backends: [{ name: BACKEND, baseUrl: upstream.baseUrl, timeoutMs: 10_000 }],
      upstreamKeys: new Map(),
      runtime: { workers: 4, maxRestarts, restartWindowMs: 60_000, heartbeatMs: 2_000 },
      prices: [],
      ...healthPolicy(),
      clock: this.clock,
      onWorkerDown: ({ role }) => this.downs.push(role),
      onWorkerRestart: () => this.restarts++,
    });
  }

  pool(role: string) {
    return this.system.pools.find((pool) => pool.role === role)!;
  }

  start(count: number, spec: Omit<RequestSpec, "now"> = {}): Promise<Outcome[]> {
    return Promise.all(
      Array.from(
        { length: count },
        () => this.system.startRun(runRequest({ ...spec, now: this.clock.now() })).outcome,
      ),
    );
  }

  get openAsks(): number {
    return this.system.pools.reduce((sum, { openAsks }) => sum + openAsks, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system.stop(this.clock.now() + 5_000);
  }
}

/** A gate that a test opens when it has done its worst. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve };
}

const JUDGE = says('{"consensus":["Paris"]}');

function scripts(own: Record<string, Script>): Record<string, Script> {
  return { a: says("Paris"), b: says("Paris"), c: says("Paris"), judge: JUDGE, ...own };
}

function outcomes(all: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of all) {
    const name = each.type === "answered" ? each.outcome : each.reason;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Every run has an answer, nothing is left open, and every worker is up again. */
async function assertUnharmed(workers: Workers, found: readonly Outcome[], rungs: string[]) {
  const counts = outcomes(found);
  assert.equal(found.length, RUNS);
  assert.ok(Object.keys(counts).every((name) => rungs.includes(name)), JSON.stringify(counts));
  assert.equal(workers.openAsks, 0);
  await workers.system.ready();
  assert.deepEqual(workers.system.readiness(), { ready: true, reasons: [] });
  assert.equal(workers.restarts * workers.system.pools.length, workers.downs.length);
  assert.deepEqual(outcomes(await workers.start(4)), { fused: 4 });
}

function statuses(found: readonly Outcome[]): Set<string> {
  return new Set(found.flatMap(({ trace }) => trace.panel.map(({ status }) => status)));
}

Deno.test("a panel worker that dies in the middle of 100 runs costs none of them its answer", async () => {
  const { promise, open } = gate();
  const slow = after(promise, says("Paris"));
  await using upstream = new ScriptedUpstream(
    scripts({ a: slow, b: slow, c: slow, synth: says("Paris") }),
  );
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const runs = workers.start(RUNS);
  await upstream.waitFor(({ seen }) => seen.length === 3 * RUNS);
  workers.pool("panel_member").crash(1);
  open();
  const found = await runs;
  assert.deepEqual(workers.downs.toSorted(), ["judge", "panel_member", "synthesizer"]);
  assert.ok(statuses(found).has("crashed"));
  await assertUnharmed(workers, found, ["fused"]);
});

Deno.test("a crash costs a panel one answer at most, while there are workers enough", async () => {
  const { promise, open } = gate();
  const slow = after(promise, says("Paris"));
  await using upstream = new ScriptedUpstream(
    scripts({ a: slow, b: slow, c: slow, synth: says("Paris") }),
  );
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const runs = workers.start(RUNS);
  await upstream.waitFor(({ seen }) => seen.length === 3 * RUNS);
  workers.pool("panel_member").crash(0);
  open();
  for (const { trace } of await runs) {
    assert.ok(trace.panel.filter(({ status }) => status === "crashed").length <= 1);
  }
});

Deno.test("panel workers that all die at once cost no run its answer: they are asked again", async () => {
  const { promise, open } = gate();
  const slow = after(promise, says("Paris"));
  await using upstream = new ScriptedUpstream(
    scripts({ a: slow, b: slow, c: slow, synth: says("Paris") }),
  );
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const runs = workers.start(RUNS);
  await upstream.waitFor(({ seen }) => seen.length === 3 * RUNS);
  for (let slot = 0; slot < 4; slot++) workers.pool("panel_member").crash(slot);
  open();
  await assertUnharmed(workers, await runs, ["fused"]);
});

Deno.test("judge workers that all die at once cost no run its answer", async () => {
  const { promise, open } = gate();
  await using upstream = new ScriptedUpstream(
    scripts({ judge: after(promise, JUDGE), synth: says("Paris") }),
  );
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const runs = workers.start(RUNS);
  await upstream.called("judge", RUNS);
  for (let slot = 0; slot < 4; slot++) workers.pool("judge").crash(slot);
  open();
  await assertUnharmed(workers, await runs, ["fused", "no_judge"]);
});

Deno.test("synthesizer workers that all die at once cost no run its answer", async () => {
  const { promise, open } = gate();
  await using upstream = new ScriptedUpstream(
    scripts({ synth: after(promise, says("Paris")) }),
  );
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const runs = workers.start(RUNS);
  await upstream.called("synth", RUNS);
  for (let slot = 0; slot < 4; slot++) workers.pool("synthesizer").crash(slot);
  open();
  await assertUnharmed(workers, await runs, ["fused", "best_answer"]);
});

Deno.test("a synthesizer that dies after its first words fails its run, and no other", async () => {
  const { promise, open } = gate();
  await using upstream = new ScriptedUpstream(scripts({
    single: streams(["Pa", "ris"], { step: (at) => at === 2 ? promise : undefined }),
    synth: says("Paris"),
  }));
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const run = workers.system.startRun(
    runRequest({ now: workers.clock.now(), route: "single", stream: true }),
  );
  const others = workers.start(4);
  const reader = run.deltas.getReader();
  await reader.read();
  for (let slot = 0; slot < 4; slot++) workers.pool("synthesizer").crash(slot);
  while (!(await reader.read()).done);
  const outcome = await run.outcome;
  assert.deepEqual(
    outcome.type === "failed" && [outcome.reason, outcome.failure?.code],
    ["upstream_error", "crashed"],
  );
  await upstream.leftBy("single");
  open();
  for (const { type } of await others) assert.equal(type, "answered");
});

Deno.test("a role beyond its restarts makes the system unready, and its runs fail at once", async () => {
  await using upstream = new ScriptedUpstream(scripts({ synth: says("Paris") }));
  await using workers = new Workers(upstream, { maxRestarts: 0 });
  await workers.system.ready();
  for (let slot = 0; slot < 4; slot++) workers.pool("panel_member").crash(slot);
  assert.deepEqual(workers.system.readiness(), {
    ready: false,
    reasons: ["panel_member", "judge", "synthesizer"].map((role) => `no ${role} worker is ready`),
  });
  const [outcome] = await workers.start(1);
  assert.equal(outcome?.type === "failed" && outcome.failure?.code, "unavailable");
});

Deno.test("a worker that goes down is logged for each actor, with which it was and why", async () => {
  await using house = await ServedGateway.start();
  house.gateway.system.pools[0]!.crash(1);
  const downs = () => house.lines.filter((line) => line.includes("worker down"));
  await until(() => downs().length === 3, "three actors in the log");
  const said = downs().map((line) => line.slice(line.indexOf(" ")).trim()).sort();
  for (const [at, role] of ["judge", "panel_member", "synthesizer"].entries()) {
    assert.match(said[at]!, new RegExp(`^warn worker down role=${role} reason=\\w+ worker=1$`));
  }
});
