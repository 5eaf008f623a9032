import assert from "node:assert/strict";
import type { Outcome } from "../../src/fusion/outcome.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { createSystem, type System } from "../../src/system.ts";
import { BACKEND, type RequestSpec, runRequest } from "../support/run_requests.ts";
import { after, says, type Script, ScriptedUpstream } from "../support/scripted_upstream.ts";

const RUNS = 100;

/** Real workers in front of an upstream. */
class Workers implements AsyncDisposable {
  readonly clock = systemClock();
  readonly downs: string[] = [];
  readonly restarts: string[] = [];
  readonly system: System;

  constructor(upstream: ScriptedUpstream, { maxRestarts = 100 } = {}) {
    this.system = createSystem({
      backends: [{ name: BACKEND, baseUrl: upstream.baseUrl, timeoutMs: 10_000 }],
      upstreamKeys: new Map(),
      runtime: { workers: 4, maxRestarts, restartWindowMs: 60_000, heartbeatMs: 2_000 },
      prices: [],
      clock: this.clock,
      onWorkerDown: (role) => this.downs.push(role),
      onWorkerRestart: (role) => this.restarts.push(role),
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

Deno.test("a panel worker that dies in the middle of 100 runs costs none of them its answer", async () => {
  const { promise, open } = gate();
  await using upstream = new ScriptedUpstream(scripts({
    a: after(promise, says("Paris")),
    b: after(promise, says("Paris")),
    c: after(promise, says("Paris")),
    synth: says("Paris"),
  }));
  await using workers = new Workers(upstream);
  await workers.system.ready();
  const runs = workers.start(RUNS);
  await upstream.waitFor(({ seen }) => seen.length === 3 * RUNS);
  workers.pool("panel_member").crash(1);
  open();
  assert.deepEqual(outcomes(await runs), { fused: RUNS });
  assert.deepEqual(workers.downs, ["panel_member"]);
  assert.equal(workers.openAsks, 0);
});
