/**
 * Store: the counting room. It holds every client key to its limits and writes down what every
 * request used. The door reserves the worst case before it dispatches a request, and settles with
 * the real figures when the request has ended, however it ended.
 *
 * In: claims and bills, as plain values. Out: admissions. It keeps no content: no prompt, no answer,
 * no key, only the key's name. It must not know HTTP, the run, or an upstream. Types only.
 * @module
 */
import type { Route, StageModelUsage } from "../fusion/outcome.ts";
import type { Failure } from "../protocol/failure.ts";

/** What one client key may use. An absent limit does not limit. */
export interface Limits {
  readonly requestsPerMinute?: number;
  /** Prompt and completion tokens of every upstream call together. */
  readonly tokensPerMinute?: number;
  /** US dollars per calendar day, UTC. */
  readonly usdPerDay?: number;
  /** US dollars per calendar month, UTC. */
  readonly usdPerMonth?: number;
}

export type LimitName = "requests" | "tokens" | "usd_day" | "usd_month";

/** One request that asks to be let in, with the most it may use. */
export interface Claim {
  /** As in `x-request-id`. Need not be unique. */
  readonly requestId: string;
  /** The client key's name, never the key. */
  readonly key: string;
  readonly profile: string;
  readonly limits: Limits;
  /** The worst case over every upstream call: prompt and completion tokens. */
  readonly tokens: number;
  /** The worst case over every upstream call, in US dollars. */
  readonly costUsd: number;
}

/** What was reserved. The door keeps it and hands it back to `settle()`, untouched. */
export interface Reservation {
  readonly id: string;
  readonly requestId: string;
  readonly key: string;
  readonly profile: string;
  readonly limits: Limits;
  /** Epoch milliseconds, and the monotonic reading of the same moment, for the duration. */
  readonly startedAt: number;
  readonly startedTickMs: number;
  /** The budget periods that this request is counted in, UTC: "2026-09-22" and "2026-09". */
  readonly day: string;
  readonly month: string;
  /** Held until settled; 0 where the key has no such limit. */
  readonly heldTokens: number;
  readonly heldNanoUsd: number;
}

/** What the request really used. */
export interface Bill {
  /** Absent where the request ended before its route was known. */
  readonly route?: Route;
  /** The label of `tutti_requests_total{outcome}`. */
  readonly outcome: string;
  readonly usageByModel: readonly StageModelUsage[];
}

/** How full one limit is. */
export interface Gauge {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the limit is as if never used. */
  readonly resetMs: number;
}

/** The gauges that the key has; none where it is not limited or the store is away. */
export interface LimitState {
  readonly requests?: Gauge;
  readonly tokens?: Gauge;
}

export interface Admitted {
  readonly type: "admitted";
  readonly reservation: Reservation;
  readonly state: LimitState;
}

export interface Refused {
  readonly type: "refused";
  readonly limit: LimitName;
  readonly retryAfterMs: number;
  /** The worst case alone is above the limit: waiting does not help. */
  readonly tooLarge: boolean;
  /** Worded for the client. */
  readonly message: string;
  readonly state: LimitState;
}

/** The store is away and `on_failure` is "closed". */
export interface Unavailable {
  readonly type: "unavailable";
  readonly failure: Failure;
}

export type Admission = Admitted | Refused | Unavailable;

export interface Store {
  /**
   * Holds the worst case against every limit of the key and opens the request's ledger entry: all
   * of it or nothing. Never rejects.
   */
  reserve(claim: Claim): Promise<Admission>;
  /**
   * Replaces what was held by what was used and closes the ledger entry. To be called once for
   * every admitted request, also when the client has left; a second call changes nothing. When it
   * resolves the entry is kept. Never rejects.
   */
  settle(reservation: Reservation, bill: Bill): Promise<void>;
  /** "away" while the store cannot be reached; it recovers by itself. */
  readonly health: "up" | "away";
  /** Writes what is still to be written and lets go of the file or the connection. */
  close(): Promise<void>;
}

/** What happened to the store itself, for the log and the metrics. Holds no secret. */
export type StoreEvent =
  /** It could not be reached. `reason` is the kind of error, never its message. */
  | { readonly type: "away"; readonly reason: string }
  | { readonly type: "back"; readonly awayMs: number }
  /** A request was let in unchecked (`on_failure = "open"`), or refused ("closed"). */
  | { readonly type: "unchecked" }
  | { readonly type: "refused" }
  /** A ledger entry could not be kept: too many were waiting for the store to come back. */
  | { readonly type: "dropped"; readonly requestId: string }
  /** Entries of dead processes that were marked `lost`. */
  | { readonly type: "lost"; readonly requests: number };
