/**
 * Witness: stands where the gateway writes its log and its metrics, and keeps what it says of each
 * request's end.
 * @module
 */
import type { Outcome } from "../../src/fusion/outcome.ts";
import type { Log, LogFields } from "../../src/observe/log.ts";
import { createMetrics, type Metrics } from "../../src/observe/metrics.ts";

/** What came of a run, as far as it is asked for at the end. */
export interface RunEnd {
  /** A rung, or why there was no answer. */
  readonly outcome: string;
  readonly completionTokens: number;
  /** Whether a classifier's word was heard. */
  readonly scored: boolean;
  /** Of every ask of a panel member. */
  readonly asks: readonly { readonly model: string; readonly status: string }[];
}

export interface GatewayEnd {
  /** As logged; 499 where the client had left. */
  readonly status: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** A worker died while it was served. */
  readonly lostWorker: boolean;
  /** Absent where it was refused. */
  readonly run?: RunEnd;
}

export class Witness {
  /** By request id: all the ends that the gateway said it came to. */
  readonly ends = new Map<string, GatewayEnd[]>();
  /** Messages of level error. */
  readonly errors: string[] = [];
  readonly metrics: Metrics;
  readonly log: Log;
  /** By the run's seed: told to the metrics, and not to the log yet. */
  readonly #runs = new Map<string, RunEnd>();
  /** Epoch milliseconds. */
  readonly #deaths: number[] = [];

  constructor() {
    const metrics = createMetrics();
    this.metrics = {
      ...metrics,
      observeRun: (outcome, profile, timings) => {
        this.#runs.set(outcome.trace.seed, runEnd(outcome));
        metrics.observeRun(outcome, profile, timings);
      },
    };
    this.log = {
      debug: () => {},
      info: (message, fields = {}) => this.#read(message, fields),
      warn: (message) => {
        if (message === "worker down") this.#deaths.push(Date.now());
      },
      error: (message, fields = {}) => this.errors.push(`${message} ${JSON.stringify(fields)}`),
    };
  }

  get refused(): number {
    return this.#count(({ run }) => run === undefined);
  }

  get finished(): number {
    return this.#count(({ run }) => run !== undefined);
  }

  #count(matches: (end: GatewayEnd) => boolean): number {
    return [...this.ends.values()].flat().filter(matches).length;
  }

  #read(message: string, { id, status, ms, seed }: LogFields) {
    if (message !== "request finished" && message !== "request refused") return;
    const run = this.#runs.get(String(seed));
    this.#runs.delete(String(seed));
    const at = Date.now();
    const startedAt = at - Number(ms ?? 0) - ROUNDED_MS;
    const end: GatewayEnd = {
      status: Number(status),
      at,
      lostWorker: this.#deaths.some((diedAt) => diedAt >= startedAt),
      ...(run && { run }),
    };
    this.ends.set(String(id), [...this.ends.get(String(id)) ?? [], end]);
  }
}

/** The log rounds, and so does the clock. */
const ROUNDED_MS = 2;

function runEnd(outcome: Outcome): RunEnd {
  return {
    outcome: outcome.type === "answered" ? outcome.outcome : outcome.reason,
    completionTokens: outcome.usage.completionTokens,
    scored: typeof outcome.trace.router?.score === "number",
    asks: outcome.trace.panel.map(({ model, status }) => ({ model, status })),
  };
}
