/**
 * Upstream health: what is known of each model's server from the calls that were made to it, and
 * what follows for the next: whether it is called at all, called again, or called twice. One for
 * the process, in the thread that hands out the asks, so that what one worker met all know.
 * @module
 */
import type { AskCause, Stage } from "../fusion/outcome.ts";
import type { Failure } from "../protocol/failure.ts";
import { Breaker, type BreakerPolicy, type BreakerState, type Verdict } from "./breaker.ts";
import { CallBudget } from "./call_budget.ts";
import { Latency } from "./latency.ts";

export interface HealthPolicy {
  readonly retry: {
    /** Calls of one slot to one model, the first included. */
    readonly maxAttempts: number;
    /** Longest `Retry-After` that is waited for. */
    readonly maxWaitMs: number;
    readonly budgetShare: number;
    readonly budgetMinPerSecond: number;
  };
  readonly breaker: BreakerPolicy;
  readonly hedge: {
    readonly enabled: boolean;
    /** Extra calls for each call, 0 to 1. */
    readonly maxExtra: number;
  };
}

export interface HealthOptions extends HealthPolicy {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Each failure that is the upstream's. */
  readonly onFailure?: (model: string, code: Failure["code"]) => void;
  readonly onBreaker?: (model: string, state: "closed" | "open") => void;
  /** Each call that is made beyond a slot's first. */
  readonly onExtraCall?: (model: string, cause: Exclude<AskCause, "first">) => void;
}

/** A model of a backend. */
export interface UpstreamModel {
  readonly backend: string;
  readonly model: string;
}

export interface UpstreamView {
  /** `backend::model` */
  readonly model: string;
  readonly state: BreakerState;
}

/** What a call is for. */
export interface CallPurpose {
  /** Of a run, or none of them: the call is passed through. */
  readonly stage: Stage | "relay";
  readonly cause: AskCause;
}

/** Tells how a call that was let through has ended: with an answer, or with this failure. */
export type CallEnded = (failure?: Failure) => void;

export class UpstreamHealth {
  readonly #breakers = new Map<string, Breaker>();
  readonly #latencies = new Map<string, Latency>();
  readonly #retries: CallBudget;
  readonly #hedges: CallBudget;

  constructor(readonly options: HealthOptions) {
    const { retry, hedge, now } = options;
    const { budgetShare: share, budgetMinPerSecond: minPerSecond } = retry;
    this.#retries = new CallBudget({ share, minPerSecond, now });
    this.#hedges = new CallBudget({ share: hedge.maxExtra, minPerSecond: 0, now });
  }

  get mayRetry(): boolean {
    return this.#retries.hasRoom;
  }

  get mayHedge(): boolean {
    return this.options.hedge.enabled && this.#hedges.hasRoom;
  }

  /** The course has decided on a call; retries and hedges are paid for now, not when they start. */
  decided(cause: AskCause): void {
    if (cause === "retry") this.#retries.spend();
    if (cause === "hedge") this.#hedges.spend();
  }

  stateOf(upstream: UpstreamModel): BreakerState {
    return this.#breakers.get(nameOf(upstream))?.state ?? "closed";
  }

  /** Whether a call would be let through. */
  lets(upstream: UpstreamModel): boolean {
    return this.#breakers.get(nameOf(upstream))?.lets ?? true;
  }

  /** Lets a call through; undefined where the model's breaker is open. */
  enter(
    upstream: UpstreamModel,
    { stage, cause }: CallPurpose,
  ): CallEnded | undefined {
    const { now, onFailure, onExtraCall } = this.options;
    const name = nameOf(upstream);
    const tell = this.#breaker(name).enter();
    if (!tell) return undefined;
    if (cause === "first") {
      this.#retries.called();
      this.#hedges.called();
    } else onExtraCall?.(name, cause);
    const startedAt = now();
    return (failure) => {
      if (!failure) this.#latency(`${stage} ${name}`).add(now() - startedAt);
      else if (failure.source === "upstream" && failure.code !== "cancelled") {
        onFailure?.(name, failure.code);
      }
      tell(failure ? verdictOf(failure) : "good");
    };
  }

  /** After how long a slot's call is made a second time; undefined where hedging is off. */
  hedgeAfterMs(upstream: UpstreamModel, stage: Stage): number | undefined {
    if (!this.options.hedge.enabled) return undefined;
    return this.#latencies.get(`${stage} ${nameOf(upstream)}`)?.p95;
  }

  /** Every model that has been called. */
  get upstreams(): readonly UpstreamView[] {
    return [...this.#breakers].map(([model, { state }]) => ({ model, state }));
  }

  #breaker(name: string): Breaker {
    const { breaker, now, onBreaker } = this.options;
    return getOr(
      this.#breakers,
      name,
      () => new Breaker({ ...breaker, now, onChange: (state) => onBreaker?.(name, state) }),
    );
  }

  #latency(key: string): Latency {
    return getOr(this.#latencies, key, () => new Latency());
  }
}

/** What stands for a call that was not made. */
export const CIRCUIT_OPEN: Failure = {
  code: "circuit_open",
  source: "upstream",
  retryable: false,
  message: "Cannot ask: the model's upstream has kept failing and is left alone for a while",
};

/** A refusal of what was asked shows that there is somebody who answers. */
function verdictOf({ code, source, retryable }: Failure): Verdict {
  if (source !== "upstream") return "none";
  switch (code) {
    case "connect":
    case "http_429":
    case "http_5xx":
    case "timeout":
      return "bad";
    // One that is of no use to ask for again is a model's, not a server's.
    case "malformed":
      return retryable ? "bad" : "good";
    case "http_400":
    case "http_401":
    case "http_403":
    case "http_404":
    case "http_4xx":
    case "empty":
    case "too_large":
      return "good";
    case "cancelled":
    case "circuit_open":
    case "crashed":
    case "overloaded":
    case "unavailable":
    case "unsupported":
      return "none";
    default:
      return code satisfies never;
  }
}

function nameOf({ backend, model }: UpstreamModel): string {
  return `${backend}::${model}`;
}

function getOr<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
