/**
 * System: the only wiring. Brings up the pools of worker actors, and gives every run a coordinator
 * in front of them. What comes in is the configuration's part that workers need, with the keys;
 * what goes out is how to start a run, whether one could be served, and an orderly end.
 * @module
 */
import { startRun as startCoordinator } from "../actors/coordinator.ts";
import { KnownQuirks } from "./fusion/known_quirks.ts";
import { costUsd } from "./fusion/price.ts";
import type { Price } from "./fusion/profile.ts";
import type { StartRelay } from "./fusion/relay_request.ts";
import type { StartRun } from "./fusion/run_request.ts";
import { type HealthOptions, type HealthPolicy, UpstreamHealth } from "./health/upstream_health.ts";
import { judgeProtocol } from "./protocol/judge.ts";
import type { DownReason } from "./protocol/lifecycle.ts";
import type { Call, Usage } from "./protocol/call.ts";
import { type PanelAnswer, panelProtocol } from "./protocol/panel.ts";
import { relayProtocol } from "./protocol/relay.ts";
import { synthesisProtocol } from "./protocol/synthesis.ts";
import type { Terminal } from "./protocol/terminal.ts";
import type { Spent, Upstreams } from "./protocol/upstreams.ts";
import { ModelPool } from "./model_pool.ts";
import { startRelay } from "./relay.ts";
import type { ActorProtocol } from "./runtime/actor.ts";
import type { Clock } from "./runtime/clock.ts";
import { Lanes } from "./runtime/lanes.ts";
import { SharedWorkers } from "./runtime/shared_workers.ts";
import { spawnWorker } from "./runtime/spawn.ts";
import { type PoolView, WorkerPool } from "./runtime/worker_pool.ts";

export interface SystemOptions
  extends HealthPolicy, Pick<HealthOptions, "onFailure" | "onBreaker" | "onExtraCall"> {
  readonly backends: readonly {
    readonly name: string;
    readonly baseUrl: string;
    readonly timeoutMs: number;
    readonly quirks?: readonly string[];
    readonly maxConcurrent?: number;
  }[];
  /** Keys by backend name. */
  readonly upstreamKeys: ReadonlyMap<string, string>;
  readonly runtime: {
    /** Web Workers; each runs a panel member, a judge and a synthesizer. */
    readonly workers: number;
    readonly maxRestarts: number;
    readonly restartWindowMs: number;
    readonly heartbeatMs: number;
  };
  readonly prices: readonly Price[];
  /** Whether requests are passed through: workers of their own do that. */
  readonly passesThrough?: boolean;
  readonly clock: Clock;
  /** Does once, when the workers are up, what a first request would otherwise wait for. */
  readonly warmUp?: () => void;
  /** Told of each quirk that a model's refusal has taught, once. */
  readonly onQuirkLearned?: (model: string, quirk: string) => void;
  /** Told for each actor that a worker takes with it. */
  readonly onWorkerDown?: (down: WorkerDown) => void;
  readonly onWorkerRestart?: () => void;
}

export interface WorkerDown {
  readonly role: string;
  readonly reason: DownReason;
  /** Which of the role's workers, counted from 0. */
  readonly worker: number;
  /** Class and place of what it crashed with, where that is known: "RangeError at client.ts:40:11". */
  readonly error?: string | undefined;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why a request could not be served. */
  readonly reasons: readonly string[];
}

export interface System {
  readonly startRun: StartRun;
  /** What is known of the upstreams. */
  readonly health: UpstreamHealth;
  /** Absent where nothing is passed through. */
  readonly startRelay?: StartRelay;
  /** One call outside any run, for whoever wants to know whether a model is there. */
  askOnce(call: Call): Promise<Terminal<PanelAnswer, Spent>>;
  readiness(): Readiness;
  /** Resolves when every worker is up. */
  ready(): Promise<void>;
  /** Ends the workers in order; what is left at `killAt` is killed. */
  stop(killAt: number): Promise<void>;
  /** For tests and the shutdown's log: who is alive and how much is open. */
  readonly pools: readonly PoolView[];
  /** Asks that wait for a place at their backend. */
  readonly waiting: number;
}

/**
 * Largest answer read from an upstream, in bytes. No model writes as much. Hostile JSON of this size
 * holds its worker for 0.8 s, of four times the size for 6.6 s, and that is longer than a heartbeat.
 */
const MAX_UPSTREAM_BODY_BYTES = 8 * 1024 * 1024;

export function createSystem(options: SystemOptions): System {
  const { backends, clock, prices, onWorkerRestart } = options;
  const net = backends.map(({ baseUrl }) => hostOf(baseUrl));
  const url = new URL("./worker.ts", import.meta.url);
  const workers = new SharedWorkers(
    (slot) => spawnWorker(url, { name: `worker-${slot}`, net }),
    onWorkerRestart,
  );
  const members = createPool(options, panelProtocol, workers);
  const judges = createPool(options, judgeProtocol, workers);
  const synthesizers = createPool(options, synthesisProtocol, workers);
  const relays = options.passesThrough ? createPool(options, relayProtocol, workers) : undefined;
  const pools = [members, judges, synthesizers, ...(relays ? [relays] : [])];

  const timeouts = new Map(backends.map(({ name, timeoutMs }) => [name, timeoutMs]));
  const timeoutMsOf = (backend: string) => timeouts.get(backend) ?? 0;
  const priceOf = new Map(prices.map((price) => [price.model, price]));
  const quirks = new KnownQuirks(
    new Map(backends.map((each) => [each.name, each.quirks ?? []])),
    options.onQuirkLearned,
  );
  const limits = backends.flatMap(({ name, maxConcurrent }) =>
    maxConcurrent === undefined ? [] : [[name, maxConcurrent] as const]
  );
  const lanes = new Lanes(new Map(limits), clock);
  const { retry, breaker, hedge, onFailure, onBreaker, onExtraCall } = options;
  const health = new UpstreamHealth({
    retry,
    breaker,
    hedge,
    now: () => clock.now(),
    onFailure,
    onBreaker,
    onExtraCall,
  });
  const shared = { health, quirks, lanes };
  const panel = new ModelPool({ pool: members, ...shared });
  const judge = new ModelPool({ pool: judges, ...shared });
  const synthesizer = new ModelPool({ pool: synthesizers, ...shared });
  // What is passed through goes as it came: no quirk of its model is met.
  const relay = relays && new ModelPool({ pool: relays, ...shared, quirks: new KnownQuirks() });
  const costUsdOf = (model: string, usage: Usage) => costUsd(usage, priceOf.get(model));
  let runs = 0;

  return {
    health,
    startRun: (request) =>
      startCoordinator(request, {
        panel,
        judge,
        synthesizer,
        clock,
        runId: `run${++runs}`,
        seed: crypto.randomUUID(),
        timeoutMsOf,
        costUsdOf,
        health,
      }),
    ...(relay && {
      startRelay: (request) =>
        startRelay(request, {
          pool: relay,
          clock,
          ask: `relay${++runs}`,
          timeoutMs: timeoutMsOf(request.model.backend),
          costUsdOf,
        }),
    }),
    askOnce: (call) =>
      new Promise((resolve) =>
        panel.ask(`once${++runs}`, { call }, {
          stage: "panel",
          cause: "first",
          deadlineAt: call.timeoutAt,
          onTerminal: resolve,
        })
      ),
    readiness: () => {
      const reasons = pools.filter((pool) => !pool.available || pool.readyCount === 0)
        .map((pool) => `no ${pool.role} worker is ready`);
      return { ready: reasons.length === 0, reasons };
    },
    ready: async () => {
      await Promise.all(pools.map((pool) => pool.ready()));
      options.warmUp?.();
    },
    stop: async (killAt) => {
      await Promise.all(pools.map((pool) => pool.stop(killAt)));
    },
    pools,
    get waiting() {
      return lanes.waiting;
    },
  };
}

function createPool<Ask, Answer, Partial>(
  { backends, upstreamKeys, runtime, clock, onWorkerDown }: SystemOptions,
  protocol: ActorProtocol<Upstreams, Ask, Answer, Partial>,
  workers: SharedWorkers,
): WorkerPool<Upstreams, Ask, Answer, Partial> {
  const { role } = protocol;
  return new WorkerPool(protocol, {
    size: runtime.workers,
    spawn: (slot) => workers.host(role, slot),
    start: {
      upstreams: backends.map(({ name, baseUrl }) => {
        const key = upstreamKeys.get(name);
        return key === undefined ? { name, baseUrl } : { name, baseUrl, key };
      }),
      maxBodyBytes: MAX_UPSTREAM_BODY_BYTES,
    },
    clock,
    heartbeatMs: runtime.heartbeatMs,
    maxRestarts: runtime.maxRestarts,
    restartWindowMs: runtime.restartWindowMs,
    onDown: (reason, worker, error) => onWorkerDown?.({ role, reason, worker, error }),
  });
}

/** `host:port` of a base URL, as Deno's net permission wants it. */
function hostOf(baseUrl: string): string {
  const { hostname, port, protocol } = new URL(baseUrl);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
