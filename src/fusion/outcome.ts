/**
 * Outcome: what one run gives to the HTTP room, and nothing else does. Types only.
 * @module
 */
import type { Failure, FailureCode } from "../protocol/failure.ts";
import type { Usage } from "../protocol/call.ts";

export type Route = "single" | "fuse";
/**
 * Why the gate chose a route: the request asks for it, it is a front end's background task, it
 * offers tools, it is a step inside a tool loop, or the router's policy says so.
 */
export type RouteReason = "asked" | "background" | "tools" | "tool_step" | "policy";
export type Rung = "fused" | "no_judge" | "best_answer" | "single";
export type CancelReason = "client_left" | "shutdown" | "broken";
export type Stage = "router" | "panel" | "judge" | "synthesis" | "single";
/**
 * Why a model is asked: as the plan says; once more after it failed; in the place of one that failed;
 * beside one that is slow.
 */
export type AskCause = "first" | "retry" | "fallback" | "hedge";

/** One `choices[]` element of a completed answer, as the final call's upstream wrote it. */
export type Choice = Readonly<Record<string, unknown>> & {
  readonly index: number;
  readonly message: Readonly<Record<string, unknown>>;
  readonly finish_reason: string | null;
};

/** One streamed step: `choices[]` elements of a chunk, as the final call's upstream wrote them. */
export interface Delta {
  readonly choices: readonly Readonly<Record<string, unknown>>[];
  /** Present where it tells of the run's progress and is no part of the answer. */
  readonly aside?: true;
}

/** A final answer that no synthesizer wrote. */
export interface StandIn {
  readonly text: string;
  readonly choices: readonly Choice[];
  /** The same as a stream. */
  readonly deltas: readonly Delta[];
}

export interface MemberTrace {
  /** `M1`, `M2`, …: the member's place in the panel, as in the analysis and in errors. */
  readonly label: string;
  readonly model: string;
  readonly layer: number;
  readonly status: "answered" | FailureCode;
  /** Absent: `first`. */
  readonly cause?: AskCause;
  /** Milliseconds since the run's start. */
  readonly startMs: number;
  readonly ms: number;
  readonly usage: Usage;
  /** Part of the final answer that this answer covers, 0 to 1; absent where it was not used. */
  readonly share?: number;
}

export interface StageTrace {
  readonly stage: Stage;
  readonly startMs: number;
  readonly ms: number;
  readonly usage: Usage;
  readonly costUsd: number;
}

/** A moment worth drawing: `quorum`, `grace_over`, `panel_closed`, `first_token`, … */
export interface Moment {
  readonly atMs: number;
  readonly what: string;
}

export interface RunTrace {
  readonly seed: string;
  readonly router?: {
    /** The classifier's, where it was asked. */
    readonly score: number | null;
    readonly decision: Route;
    /** Why the gate decided so, where it did. */
    readonly why?: RouteReason;
  };
  readonly panel: readonly MemberTrace[];
  /** The judge's analysis (see fusion/analysis.ts); null where there is none, or no trace was asked for. */
  readonly analysis: unknown;
  readonly stages: readonly StageTrace[];
  readonly moments: readonly Moment[];
  readonly costUsd: number;
  /** The largest share of any one reference in the final answer; null where not measured. */
  readonly dominantShare: number | null;
  /** Nearly all of the answer is from one source that the others do not bear out. Absent: false. */
  readonly overMaxShare?: boolean;
  /** Answers of the panel that speak to their reader instead of answering. Absent: 0. */
  readonly injections?: number;
}

/** Tokens of one model in one stage, for metrics and cost. */
export interface StageModelUsage {
  readonly stage: Stage;
  readonly model: string;
  readonly usage: Usage;
  readonly costUsd: number;
}

interface Settled {
  readonly route: Route;
  /** Every token of every call of the run. */
  readonly usage: Usage;
  readonly usageByModel: readonly StageModelUsage[];
  readonly trace: RunTrace;
}

export interface Answered extends Settled {
  readonly type: "answered";
  readonly outcome: Rung;
  readonly choices: readonly Choice[];
  /** Passed through from the final call where present. */
  readonly systemFingerprint?: string;
  readonly serviceTier?: string;
}

/** Why a run gave no answer; the HTTP room turns it into a status (one table, one file). */
export interface Failed extends Settled {
  readonly type: "failed";
  readonly reason:
    | "panel_quorum_not_met"
    | "deadline_exceeded"
    | "upstream_error"
    | "overloaded"
    | "cancelled";
  /** Worded for the client, e.g. "Cannot reach quorum: 1 of 2 members answered before the deadline". */
  readonly message: string;
  /** The failure that decided, where a single one did (an upstream's 400, 401, 403, 404, 429 keep their meaning). */
  readonly failure?: Failure;
  /** Each member's label and why it did not answer ("answered" where it did). */
  readonly members: readonly {
    readonly label: string;
    readonly reason: "answered" | FailureCode;
  }[];
}

export type Outcome = Answered | Failed;

/** One request's work as the HTTP room sees it. */
export interface Run {
  readonly outcome: Promise<Outcome>;
  /**
   * The final answer as it is written. Empty unless the request asked for a stream. Ends when the
   * answer ends; what that means is said by `outcome`. Pulling is the credit: a reader that does
   * not pull slows the upstream.
   */
  readonly deltas: ReadableStream<Delta>;
  /** Idempotent. Aborts every upstream call of the run. */
  cancel(reason: CancelReason): void;
}
