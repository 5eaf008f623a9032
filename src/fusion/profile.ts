/**
 * Profile: one way of fusing, as the run needs it. The configuration produces these values; the
 * run reads them. Types only.
 * @module
 */
import type { Mode } from "./modes.ts";

/** A model of a configured backend. `id` is how the configuration wrote it. */
export interface ModelRef {
  readonly id: string;
  readonly backend: string;
  readonly model: string;
}

/** One configured panel model with its own settings. */
export interface Member extends ModelRef {
  readonly temperature?: number;
  /** A system prompt put before the caller's conversation, for this member only. */
  readonly system?: string;
  readonly maxTokens?: number;
  /** Asked in its place when it has failed for good. */
  readonly fallback?: ModelRef;
}

export interface Profile {
  readonly name: string;
  /** The whole run's time, in milliseconds. */
  readonly deadlineMs: number;
  readonly router: {
    readonly policy: "always_fuse" | "classifier";
    readonly singleModel: ModelRef;
    /** Asked in its place when it has failed for good. */
    readonly singleFallback?: ModelRef;
    readonly classifierModel?: ModelRef;
    /** Fuse when the difficulty (0 to 1) is at or above this. */
    readonly threshold: number;
    /** Where a front end's background tasks go; absent: nowhere else than questions. */
    readonly background?: "single" | "fuse";
    /** How they begin (gate/background.ts). */
    readonly backgroundRules?: readonly string[];
  };
  readonly panel: {
    readonly members: readonly Member[];
    /** Ask `members[0]` `samples` times instead of every member once. */
    readonly selfMoa: boolean;
    readonly samples: number;
    readonly minQuorum: number;
    readonly timeoutMs: number;
    /** Wait for stragglers after the quorum; absent: half the time that the quorum took, 250 ms to 8 s. */
    readonly graceMs?: number;
    readonly belowQuorum: "fail" | "best_answer";
  };
  readonly aggregator: {
    readonly judge: ModelRef;
    readonly synthesizer: ModelRef;
    readonly judgeFallback?: ModelRef;
    readonly synthesizerFallback?: ModelRef;
    readonly anonymizeSources: boolean;
    readonly normalizeLength: boolean;
    readonly singleSourceCap: boolean;
    /** How often the panel is asked; every layer after the first sees the one before. 1 to 4. */
    readonly layers: number;
    readonly maxReferenceChars: number;
    readonly mode: Mode;
    /** In how many orders the judge reads the answers; in mode `select` always in two. */
    readonly judgeSwaps: 1 | 2;
    /** Above this part of the final answer (0 to 1) a single answer has too large a share; 1: never. */
    readonly maxShare: number;
    /** So many answers, the best ones, reach the synthesizer; absent: all. */
    readonly topK?: number;
    /** Median agreement (0 to 1) from which mode `consensus` answers at once. */
    readonly consensusThreshold: number;
    /** Tokens that judge and synthesizer can read; absent: more than they are ever given. */
    readonly contextTokens?: number;
  };
  readonly tools: { readonly policy: "bypass" | "advise" | "first_call" };
  readonly stream: {
    readonly keepalive: "chunk" | "comment" | "off";
    readonly keepaliveMs: number;
    /** Whether a stream tells what panel and judge do, as `reasoning_content`. Absent: off. */
    readonly progress?: "off" | "reasoning";
  };
}

/** US dollars per million tokens of one model, keyed by the id in the configuration. */
export interface Price {
  readonly model: string;
  readonly inputPerMtok: number;
  readonly outputPerMtok: number;
  readonly cachedInputPerMtok?: number;
}
