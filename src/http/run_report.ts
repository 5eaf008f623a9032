/**
 * What is said of a request once its run and its answer are both over: the metrics, and one line
 * in the log.
 * @module
 */
import type { Outcome } from "../fusion/outcome.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";

/** One request on its way through the door. */
export interface Visit {
  readonly requestId: string;
  /** Name of the client key, where the door asks for one. */
  readonly client: string | undefined;
  readonly profile: string;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
}

/** How its answer ended. */
export interface Ending {
  /** As sent; 499 where the client had left. */
  readonly status: number;
  /** Epoch milliseconds. */
  readonly endedAt: number;
  /** Epoch milliseconds; undefined where nothing was streamed. */
  readonly firstDeltaAt?: number | undefined;
}

export interface Sinks {
  readonly metrics: Metrics;
  readonly log: Log;
}

export function reportRun(
  outcome: Outcome,
  { visit, ending, metrics, log }: Sinks & { visit: Visit; ending: Ending },
): void {
  const ms = ending.endedAt - visit.arrivedAt;
  const { firstDeltaAt } = ending;
  const firstTokenMs = firstDeltaAt === undefined ? undefined : firstDeltaAt - visit.arrivedAt;
  metrics.observeRun(outcome, visit.profile, {
    requestSeconds: ms / 1_000,
    ...(firstTokenMs !== undefined && { firstTokenSeconds: firstTokenMs / 1_000 }),
  });
  const { usage, trace } = outcome;
  log.info("request finished", {
    id: visit.requestId,
    client: visit.client,
    profile: visit.profile,
    route: outcome.route,
    outcome: outcome.type === "answered" ? outcome.outcome : outcome.reason,
    status: ending.status,
    ms: Math.round(ms),
    first_token_ms: firstTokenMs === undefined ? undefined : Math.round(firstTokenMs),
    tokens: usage.promptTokens + usage.completionTokens,
    cost_usd: Number(trace.costUsd.toFixed(6)),
    seed: trace.seed,
  });
}
