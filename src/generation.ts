/**
 * Generation: one configuration at work: its system of actors, its door, and the runs that were
 * started under it. A reload makes a new one; the old one lives until its last run is over.
 * @module
 */
import deno from "../deno.json" with { type: "json" };
import { createApp } from "./app.ts";
import type { Config } from "./config/config.ts";
import type { Secrets } from "./config/secrets.ts";
import type { Run } from "./fusion/outcome.ts";
import { warmReferences } from "./fusion/run_references.ts";
import type { Admission } from "./gate/admission.ts";
import { LimitGate } from "./gate/limit_gate.ts";
import type { ResponseStore } from "./gate/response_store.ts";
import { createMetricsApp } from "./http/exposition.ts";
import { ensureServes, healthView } from "./health/serving.ts";
import type { Log } from "./observe/log.ts";
import type { Metrics } from "./observe/metrics.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Store } from "./store/store.ts";
import { createSystem, type System } from "./system.ts";

export interface GenerationOptions {
  readonly config: Config;
  readonly secrets: Pick<Secrets, "upstreamKeys" | "clientKeys" | "metricsKeySha256">;
  /** Whether `/metrics` has an address of its own. */
  readonly metricsApart: boolean;
  /** Outlive every generation. */
  readonly admission: Admission;
  readonly responses: ResponseStore;
  /** Absent where nobody is limited and nothing is written down. */
  readonly store?: Store | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
}

export class Generation {
  readonly system: System;
  readonly #app: ReturnType<typeof createApp>;
  readonly #metricsApp: ReturnType<typeof createMetricsApp>;
  readonly #limitGate: LimitGate;
  readonly #runs = new Set<Pick<Run, "outcome" | "cancel">>();
  /** Requests that have no response yet, and so perhaps no run. */
  #arriving = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: GenerationOptions) {
    const { config, secrets, admission, store, metrics, log, clock } = options;
    this.system = createSystem({
      backends: config.backends,
      upstreamKeys: secrets.upstreamKeys,
      runtime: config.runtime,
      prices: config.prices,
      retry: config.retry,
      breaker: config.breaker,
      hedge: config.hedge,
      passesThrough: config.server.passthrough.length > 0,
      clock,
      warmUp: () => config.profiles.forEach(warmReferences),
      onFailure: metrics.upstreamFailed,
      onExtraCall: metrics.extraCall,
      onBreaker: (model, state) => log.warn("circuit changed", { model, state }),
      onQuirkLearned: (model, quirk) => log.info("quirk learned", { model, quirk }),
      onWorkerDown: (down) => log.warn("worker down", { ...down }),
      onWorkerRestart: () => metrics.workerRestarted(),
    });
    this.#limitGate = new LimitGate({
      store,
      keepsLedger: config.store !== undefined,
      limitsByKey: new Map(secrets.clientKeys.map(({ name, limits }) => [name, limits])),
      anonymousLimits: config.server.limits,
      prices: config.prices,
    });
    const newRequestId = () => crypto.randomUUID();
    const { metricsKeySha256: sha256 } = secrets;
    const keys = sha256 === undefined ? [] : [{ name: "metrics", sha256 }];
    this.#metricsApp = createMetricsApp({ keys, metrics, log, newRequestId });
    const health = () => healthView(this.system.health, config.profiles);
    this.#app = createApp({
      version: deno.version,
      profiles: config.profiles,
      server: config.server,
      clientKeys: secrets.clientKeys,
      admission,
      responses: options.responses,
      limitGate: this.#limitGate,
      startRun: this.#tracked(this.system.startRun),
      ...(this.system.startRelay && {
        passthrough: {
          models: config.server.passthrough,
          startRelay: this.#tracked(this.system.startRelay),
        },
      }),
      readiness: () => {
        const { ready, reasons } = ensureServes(this.system.readiness(), health());
        const isShut = config.store?.on_failure === "closed" && store?.health === "away";
        return isShut
          ? { ready: false, reasons: [...reasons, "the store is away"] }
          : { ready, reasons };
      },
      health,
      metrics,
      metricsAccess: { here: !options.metricsApart, keys },
      log,
      clock,
      newRequestId,
    });
  }

  /** Answers at the metrics' own address. */
  async answerMetrics(request: Request): Promise<Response> {
    return await this.#metricsApp.fetch(request);
  }

  async answer(request: Request): Promise<Response> {
    this.#arriving++;
    try {
      return await this.#app.fetch(request);
    } finally {
      this.#arriving--;
      this.#tellIdle();
    }
  }

  cancelRuns(): void {
    for (const run of this.#runs) run.cancel("shutdown");
  }

  /** Resolves when no request is left; none comes any more once another generation serves. */
  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#whenIdle = resolve);
  }

  /** Ends the workers, by `killAt` (epoch milliseconds), and what their runs have still to pay. */
  async stop(killAt: number): Promise<void> {
    await this.system.stop(killAt);
    await this.#limitGate.settled();
  }

  #isIdle(): boolean {
    return this.#arriving === 0 && this.#runs.size === 0;
  }

  #tellIdle() {
    if (this.#isIdle()) this.#whenIdle?.();
  }

  /** Starts as `start` does, and remembers what was started until it is over. */
  #tracked<Request, Started extends Pick<Run, "outcome" | "cancel">>(
    start: (request: Request) => Started,
  ): (request: Request) => Started {
    return (request) => {
      const run = start(request);
      this.#runs.add(run);
      const over = () => {
        this.#runs.delete(run);
        this.#tellIdle();
      };
      run.outcome.then(over, over);
      return run;
    };
  }
}
