/**
 * In-thread system: the real actors and the real coordinator, hosted on channels in this thread.
 * What a test waits for is quick, and a stack trace shows the whole way.
 * @module
 */
import { startRun } from "../../actors/coordinator.ts";
import { judge } from "../../actors/judge.ts";
import { panelMember } from "../../actors/panel_member.ts";
import { synthesizer } from "../../actors/synthesizer.ts";
import type { Outcome, Run } from "../../src/fusion/outcome.ts";
import { costUsd } from "../../src/fusion/price.ts";
import type { Price } from "../../src/fusion/profile.ts";
import type { RunRequest } from "../../src/fusion/run_request.ts";
import type { Upstreams } from "../../src/protocol/upstreams.ts";
import type { ActorDefinition } from "../../src/runtime/actor.ts";
import { UpstreamHealth } from "../../src/health/upstream_health.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { spawnInThread } from "../../src/runtime/spawn.ts";
import { WorkerPool } from "../../src/runtime/worker_pool.ts";
import { healthPolicy } from "./health_policy.ts";
import { BACKEND, type RequestSpec, runRequest } from "./run_requests.ts";

export interface InThreadOptions {
  readonly key?: string;
  readonly prices?: readonly Price[];
  /** How long one call may take. */
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
}

export class InThreadSystem implements AsyncDisposable {
  readonly clock = systemClock();
  readonly panel;
  readonly judge;
  readonly synthesizer;
  /** Under which nothing is asked again. */
  readonly health = new UpstreamHealth({ ...healthPolicy(), now: () => this.clock.now() });
  #runs = 0;

  constructor(readonly baseUrl: string, readonly options: InThreadOptions = {}) {
    this.panel = this.#pool(panelMember, 3);
    this.judge = this.#pool(judge, 1);
    this.synthesizer = this.#pool(synthesizer, 1);
  }

  start(spec: Omit<RequestSpec, "now"> = {}): Run {
    return this.startRun(runRequest({ ...spec, now: this.clock.now() }));
  }

  startRun(request: RunRequest): Run {
    const { panel, judge, synthesizer, clock } = this;
    const { prices = [], timeoutMs = 10_000 } = this.options;
    return startRun(request, {
      panel,
      judge,
      synthesizer,
      clock,
      runId: `run${++this.#runs}`,
      seed: "seed",
      health: this.health,
      timeoutMsOf: () => timeoutMs,
      costUsdOf: (model, usage) => costUsd(usage, prices.find((each) => each.model === model)),
    });
  }

  /** The outcome of a run that is not streamed. */
  outcome(spec: Omit<RequestSpec, "now"> = {}): Promise<Outcome> {
    return this.start(spec).outcome;
  }

  get openAsks(): number {
    return this.panel.openAsks + this.judge.openAsks + this.synthesizer.openAsks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const killAt = this.clock.now() + 5_000;
    await Promise.all([this.panel, this.judge, this.synthesizer].map((pool) => pool.stop(killAt)));
  }

  #pool<Ask, Answer, Partial>(
    actor: ActorDefinition<Upstreams, Ask, Answer, Partial>,
    size: number,
  ): WorkerPool<Upstreams, Ask, Answer, Partial> {
    const { key, maxBodyBytes = 1_000_000 } = this.options;
    const backend = { name: BACKEND, baseUrl: this.baseUrl };
    return new WorkerPool(actor.protocol, {
      size,
      spawn: () => spawnInThread(actor),
      start: {
        upstreams: [key === undefined ? backend : { ...backend, key }],
        maxBodyBytes,
      },
      clock: this.clock,
      heartbeatMs: 5_000,
      maxRestarts: 100,
      restartWindowMs: 10_000,
    });
  }
}
