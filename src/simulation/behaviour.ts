/**
 * Behaviour: what is made to happen to one request instead of a plain answer, by a test's script or
 * by a drawn fault. Every field stands for itself; what is left open happens as usual.
 * @module
 */
import type { FaultName } from "./simulated_model.ts";
import type { RecordedRequest } from "./recorded_request.ts";
import type { ToolCall } from "./reply.ts";
import type { UsageCounts } from "./usage.ts";

export interface Behaviour {
  /** Before the headers: wait this long, in milliseconds, in place of the model's own latency. */
  readonly delayMs?: number;
  /** Before the headers: wait for this. */
  readonly until?: Promise<unknown>;
  /** Never send the headers; or send them and the body's first part, and then nothing more. */
  readonly hang?: "headers" | "body";
  /** Above 399 the answer is an OpenAI error, unless `body` or `chunks` say otherwise. */
  readonly status?: number;
  /** Added to the answer's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole body, as it is. */
  readonly body?: string | Uint8Array;
  /** The body in raw writes; may be a generator, which is read as the client reads. */
  readonly chunks?: Iterable<string | Uint8Array>;
  /** Wait before each raw chunk, and each piece of a streamed answer. Milliseconds. */
  readonly chunkMs?: number;
  /** Send this many bytes of the body, then break it off and close the socket. */
  readonly cutAfterBytes?: number;
  /** What the model answers. */
  readonly answer?: string | null;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly finishReason?: string;
  /** What usage is reported; null: none. */
  readonly usage?: UsageCounts | null;
  /** One of the model's own faults, for certain; `null`: none, whatever the model's rates. */
  readonly fault?: FaultName | null;
}

/** Decides, per request, what happens to it; `undefined` leaves it to the model. */
export type Script = (request: RecordedRequest) => Behaviour | undefined;
