/**
 * Gateway: the whole house in one value: a generation of the configuration, the listener in front of
 * it, and what outlives both. Comes in: a checked configuration and its secrets. Goes out: a URL, how
 * to swap the configuration whole, and an orderly end: no new request, those in flight finish or
 * meet the grace, then the workers go.
 * @module
 */
import { Admission } from "./gate/admission.ts";
import { ResponseStore } from "./gate/response_store.ts";
import { Generation, type GenerationOptions } from "./generation.ts";
import type { Log } from "./observe/log.ts";
import { listen } from "./listener.ts";
import { createMetrics, type Metrics } from "./observe/metrics.ts";
import { systemClock } from "./runtime/clock.ts";
import type { Store } from "./store/store.ts";
import type { System } from "./system.ts";

type Loaded = Pick<GenerationOptions, "config" | "secrets">;

export interface GatewayOptions extends Loaded {
  readonly log: Log;
  /** Limits and ledger; its owner closes it after the gateway. Without it nobody is limited. */
  readonly store?: Store;
  /** What `/metrics` shows. Default: its own. */
  readonly metrics?: Metrics;
  /** In place of the configured address. */
  readonly bind?: { readonly hostname: string; readonly port: number };
}

export interface Gateway {
  /** `http://host:port`, where the port accepts. */
  readonly url: string;
  /** Of the metrics, where they have an address of their own. */
  readonly metricsUrl: string | undefined;
  /** The system that serves new requests. */
  readonly system: System;
  /**
   * Serves new requests by another configuration, once its workers are ready; what is in flight
   * ends as it began. The address stays. False: its workers do not come up, and the old one stays.
   */
  reload(loaded: Loaded): Promise<boolean>;
  /** Resolves when the gateway has ended; idempotent. */
  close(): Promise<void>;
}

/** How long workers and bodies get to end once their runs have been cancelled. */
const LAST_WORDS_MS = 2_000;

/** @throws Error worded for the operator, where the address cannot be had */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, secrets, log, store, metrics = createMetrics(), bind } = options;
  const clock = systemClock();
  const admission = new Admission(config.server, { clock, onShed: (why) => metrics.shed(why) });
  const responses = new ResponseStore(clock);
  const { metricsAddress } = config.server;
  const metricsApart = metricsAddress !== undefined;
  const lasting = { admission, responses, store, metrics, metricsApart, log, clock };
  // First of all: where the address is taken, no worker is started.
  const listener = await listen(bind ?? config.server, {
    answer: (request) => current.answer(request),
    hint: "name another with --bind, e.g. --bind 127.0.0.1:0",
  });
  let current = new Generation({ config, secrets, ...lasting });
  const metricsListener = metricsAddress && await listen(metricsAddress, {
    answer: (request) => current.answerMetrics(request),
    hint: "name another in [server] metrics_bind",
  }).catch(async (error) => {
    await Promise.all([listener.shutdown(), current.stop(clock.now() + LAST_WORDS_MS)]);
    throw error;
  });
  metrics.watchUpstreams(() => current.system.health.upstreams);
  let graceMs = config.server.shutdownGraceMs;
  /** Ends of generations that no longer serve. */
  const retiring = new Set<Promise<void>>();

  async function reload(loaded: Loaded): Promise<boolean> {
    const next = new Generation({ ...loaded, ...lasting });
    await next.system.ready();
    if (ending || !next.system.readiness().ready) {
      await next.system.stop(clock.now() + LAST_WORDS_MS);
      return false;
    }
    const old = current;
    current = next;
    graceMs = loaded.config.server.shutdownGraceMs;
    admission.setLimits(loaded.config.server);
    const retired = old.idle().then(() => old.stop(clock.now() + LAST_WORDS_MS));
    retiring.add(retired);
    void retired.finally(() => retiring.delete(retired));
    return true;
  }

  async function end() {
    const graceAt = clock.now() + graceMs;
    const ended = Promise.all([admission.drain(), listener.shutdown()]);
    using _grace = clock.at(graceAt, () => current.cancelRuns());
    // A client that does not read its answer would keep the server for ever.
    const given = Promise.withResolvers<void>();
    using _last = clock.at(graceAt + LAST_WORDS_MS, given.resolve);
    await Promise.race([ended, given.promise]);
    listener.abort();
    // Read to the last: what happens during the grace is worth knowing.
    const unread = metricsListener?.shutdown();
    metricsListener?.abort();
    await Promise.race([
      Promise.all([current.stop(clock.now() + LAST_WORDS_MS), unread, ...retiring]),
      given.promise,
    ]);
  }

  let ending: Promise<void> | undefined;
  return {
    url: listener.url,
    metricsUrl: metricsListener && `${metricsListener.url}/metrics`,
    get system() {
      return current.system;
    },
    reload,
    close: () => ending ??= end(),
  };
}
