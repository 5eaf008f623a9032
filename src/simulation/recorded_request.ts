/**
 * Recorded request: what the simulation knows of one request it got, for tests and for the demo.
 * @module
 */
import type { Stage } from "./stage.ts";
import type { FaultName } from "./simulated_model.ts";
import type { SimulatedUsage } from "./usage.ts";

/**
 * - `completed`: a whole answer was sent.
 * - `aborted`: the client closed the socket before that.
 * - `cut`: the simulation broke the body off.
 * - `hung`: it never ended; the simulation was closed meanwhile.
 * - `failed`: a whole error (4xx or 5xx) or a malformed answer was sent.
 */
export type EndedAs = "completed" | "aborted" | "cut" | "hung" | "failed";

export interface RecordedRequest {
  /** Counts up from 1 over the simulation's life. */
  readonly number: number;
  /** Epoch milliseconds of its arrival. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Lower-cased names; those that may carry a key are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it carried a key, and the right one where one is configured. */
  readonly authorized: boolean;
  /** The parsed JSON; `undefined` where there was none. */
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  /** "" where the body names none. */
  readonly model: string;
  /** Whether a stream was asked for. */
  readonly stream: boolean;
  /** What the model took the prompt for. */
  readonly stage?: Stage["stage"];
  readonly fault?: FaultName;
  /** 0 until it is decided. */
  readonly status: number;
  readonly bytesSent: number;
  readonly firstByteAt?: number;
  readonly endedAt?: number;
  readonly endedAs?: EndedAs;
  /** Counted for every whole answer, whether or not its client asked to be told. */
  readonly usage?: SimulatedUsage;
  /** Whether the client was sent `usage`, whatever became of the rest of the answer. */
  readonly usageReported: boolean;
}
