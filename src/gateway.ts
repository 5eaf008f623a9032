/**
 * Gateway: the whole house in one value: the system of actors, the door in front of it, and the
 * listener in front of that. Comes in: a checked configuration and its secrets. Goes out: a URL, and
 * an orderly end: no new request, those in flight finish or meet the grace, then the workers go.
 * @module
 */
import type { Config } from "./config/config.ts";
import type { Secrets } from "./config/secrets.ts";
import deno from "../deno.json" with { type: "json" };
import { createApp } from "./app.ts";
import type { Run } from "./fusion/outcome.ts";
import type { RunRequest } from "./fusion/run_request.ts";
import { Admission, type AdmissionLimits } from "./gate/admission.ts";
import { healthView } from "./health/serving.ts";
import type { Log } from "./observe/log.ts";
import { createMetrics } from "./observe/metrics.ts";
import { systemClock } from "./runtime/clock.ts";
import { createSystem, type Readiness, type System } from "./system.ts";

export interface GatewayOptions {
  readonly config: Config;
  readonly secrets: Pick<Secrets, "upstreamKeys" | "clientKeys">;
  readonly log: Log;
  /** In place of the configured address. */
  readonly bind?: { readonly hostname: string; readonly port: number };
}

export interface Gateway {
  /** `http://host:port`, where the port accepts. */
  readonly url: string;
  readonly system: System;
  /** Resolves when the gateway has ended; idempotent. */
  close(): Promise<void>;
}

/** How long workers and bodies get to end once their runs have been cancelled. */
const LAST_WORDS_MS = 2_000;

/** @throws Deno.errors.AddrInUse and others of {@link Deno.listen} */
export function startGateway({ config, secrets, log, bind }: GatewayOptions): Gateway {
  const clock = systemClock();
  const metrics = createMetrics();
  const admission = new Admission(limitsOf(config), { clock, onShed: (why) => metrics.shed(why) });
  const system = createSystem({
    backends: config.backends,
    upstreamKeys: secrets.upstreamKeys,
    runtime: config.runtime,
    prices: config.prices,
    retry: config.retry,
    breaker: config.breaker,
    hedge: config.hedge,
    clock,
    onFailure: metrics.upstreamFailed,
    onExtraCall: metrics.extraCall,
    onBreaker: (model, state) => log.warn("circuit changed", { model, state }),
    onWorkerDown: (role, reason) => log.warn("worker down", { role, reason }),
    onWorkerRestart: () => metrics.workerRestarted(),
  });

  metrics.watchUpstreams(() => system.health.upstreams);
  const health = () => healthView(system.health, config.profiles);
  const readiness = (): Readiness => {
    const { ready, reasons } = system.readiness();
    // A profile that can is reason enough to stay; one that cannot fails at once and by itself.
    if (health().profiles.some(({ serves }) => serves)) return { ready, reasons };
    return { ready: false, reasons: [...reasons, "no profile can be served: circuits are open"] };
  };

  const runs = new Set<Run>();
  const startRun = (request: RunRequest): Run => {
    const run = system.startRun(request);
    runs.add(run);
    const over = () => runs.delete(run);
    run.outcome.then(over, over);
    return run;
  };
  const app = createApp({
    version: deno.version,
    profiles: config.profiles,
    server: config.server,
    clientKeys: secrets.clientKeys,
    admission,
    startRun,
    readiness,
    health,
    metrics,
    log,
    clock,
    newRequestId: () => crypto.randomUUID(),
  });

  const server = Deno.serve({
    hostname: bind?.hostname ?? config.server.hostname,
    port: bind?.port ?? config.server.port,
    onListen: () => {},
  }, (request) => app.fetch(request));

  async function end() {
    const graceAt = clock.now() + config.server.shutdownGraceMs;
    const ended = Promise.all([admission.drain(), server.shutdown()]);
    using _grace = clock.at(graceAt, () => {
      for (const run of runs) run.cancel("shutdown");
    });
    // A client that does not read its answer would keep the server for ever.
    const given = Promise.withResolvers<void>();
    using _last = clock.at(graceAt + LAST_WORDS_MS, given.resolve);
    await Promise.race([ended, given.promise]);
    await system.stop(clock.now() + LAST_WORDS_MS);
  }
  let ending: Promise<void> | undefined;
  return {
    url: urlOf(server.addr),
    system,
    close: () => ending ??= end(),
  };
}

function limitsOf({ server }: Config): AdmissionLimits {
  const { maxUpstreamCalls, ...limits } = server;
  return { ...limits, maxUpstreamCalls: maxUpstreamCalls === 0 ? Infinity : maxUpstreamCalls };
}

function urlOf({ hostname, port }: Deno.NetAddr): string {
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
