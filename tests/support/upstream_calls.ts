/**
 * Upstream calls: a client for one upstream, and calls to make with it.
 * @module
 */
import type { Chunk } from "../../src/openai/chat_response.ts";
import type { Call } from "../../src/protocol/call.ts";
import { type Failure, FailureError, failureSchema } from "../../src/protocol/failure.ts";
import { UpstreamClient } from "../../src/upstream/client.ts";
import { FakeClock } from "./fake_clock.ts";

export class Caller {
  readonly clock = new FakeClock();
  readonly client: UpstreamClient;

  constructor(baseUrl: string, { key, maxBodyBytes = 4_000_000 }: {
    key?: string;
    maxBodyBytes?: number;
  } = {}) {
    this.client = new UpstreamClient({
      upstreams: [{ name: "b", baseUrl, ...(key === undefined ? {} : { key }) }],
      maxBodyBytes,
    });
  }

  complete(over: Partial<Call> = {}, signal: AbortSignal = new AbortController().signal) {
    return this.client.complete(callOf(over), { clock: this.clock, signal });
  }

  /** Streams, and gives back every chunk that came, or the failure and what came before it. */
  async stream(over: Partial<Call> = {}, { signal, onChunks }: {
    signal?: AbortSignal;
    onChunks?: (chunks: Chunk[]) => Promise<void> | void;
  } = {}): Promise<{ chunks: Chunk[]; text: string; failure?: Failure }> {
    const chunks: Chunk[] = [];
    const streaming = this.client.stream(callOf(over), {
      clock: this.clock,
      signal: signal ?? new AbortController().signal,
      onChunks: async (batch) => {
        chunks.push(...batch);
        await onChunks?.(batch);
      },
    });
    const failure = await streaming.then(() => undefined, failureIn);
    const text = chunks.map(({ choices }) => choices[0]?.delta?.content ?? "").join("");
    return failure ? { chunks, text, failure } : { chunks, text };
  }
}

/** A call without a time limit. */
export function callOf(over: Partial<Call> = {}): Call {
  return {
    backend: "b",
    model: "m",
    messages: `[{"role":"user","content":"hi"}]`,
    params: {},
    droppable: [],
    timeoutAt: Infinity,
    ...over,
  };
}

/** The failure that the promise rejects with; checked as it would be at the next border. */
export async function failureOfCall(promise: Promise<unknown>): Promise<Failure> {
  return await promise.then(
    () => {
      throw new Error("It did not fail");
    },
    failureIn,
  );
}

function failureIn(error: unknown): Failure {
  if (!(error instanceof FailureError)) throw error;
  return failureSchema.parse(error.failure);
}
