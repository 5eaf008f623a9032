/**
 * Relay request: everything that a request which is passed through is started with, and what comes
 * of it. The counterpart of run_request.ts and of the run in outcome.ts, for models that clients ask
 * for by their own names. Types only.
 * @module
 */
import type { CancelReason, Outcome } from "./outcome.ts";
import type { ModelRef } from "./profile.ts";

export interface RelayRequest {
  readonly model: ModelRef;
  /** The upstream's endpoint. */
  readonly path: "chat/completions" | "completions" | "embeddings";
  /** JSON text, for the upstream to read. */
  readonly body: string;
  /** Whether the body asks for a stream. */
  readonly stream: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** One request on its way through; as a run, but its answer is text that is not ours. */
export interface Relay {
  readonly outcome: Promise<Outcome>;
  /**
   * The answer's text. Whole, it is one text; streamed, an empty text says that the upstream has
   * accepted, and events follow. Where there is no text at all, the outcome says why. Pulling is the
   * credit, as in a run.
   */
  readonly deltas: ReadableStream<string>;
  /** Idempotent. Aborts the upstream call. */
  cancel(reason: CancelReason): void;
}

export type StartRelay = (request: RelayRequest) => Relay;
