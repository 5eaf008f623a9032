/**
 * Client: makes one call to an upstream, whole or streamed. The only file that fetches and the only
 * one that knows an upstream's URL and key. What comes out is an answer or a FailureError whose
 * failure holds nothing of what the upstream wrote.
 * @module
 */
import {
  type Chunk,
  chunkSchema,
  type Completion,
  completionSchema,
} from "../openai/chat_response.ts";
import type { Call } from "../protocol/call.ts";
import { FailureError } from "../protocol/failure.ts";
import type { Upstreams } from "../protocol/upstreams.ts";
import type { Clock } from "../runtime/clock.ts";
import { readText, writeBody } from "./body.ts";
import { failureOf, failureOfStatus } from "./classify.ts";
import { applyQuirks, learnQuirks, NO_QUIRKS, type Quirks } from "./quirks.ts";
import { sseEvents } from "./sse_events.ts";

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Error bodies are read this far, to learn from them. */
const MAX_ERROR_BYTES = 64 * 1024;
/** Different refusals that one call may meet before it gives up. */
const MAX_LESSONS = 4;

export class UpstreamClient {
  readonly #upstreams: ReadonlyMap<string, { readonly url: string; readonly headers: Headers }>;
  readonly #quirks = new Map<string, Quirks>();

  constructor(readonly options: Upstreams) {
    this.#upstreams = new Map(options.upstreams.map(({ name, baseUrl, key }) => {
      const headers = new Headers({
        "content-type": "application/json",
        "accept-encoding": "identity",
      });
      if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
      return [name, { url: `${baseUrl.replace(/\/+$/, "")}/chat/completions`, headers }];
    }));
  }

  /** The whole answer. */
  complete(call: Call, options: CallOptions): Promise<Completion> {
    return this.#within(call, options, async (signal) => {
      const response = await this.#send(call, {}, { signal, clock: options.clock });
      const body = parseJson(await readText(response, this.options.maxBodyBytes));
      throwErrorBody(body, options.clock.now());
      const completion = completionSchema.safeParse(body);
      if (!completion.success) throw new FailureError(failureOf("malformed"));
      return completion.data;
    });
  }

  /**
   * The answer as it is written: `onChunks` is called with each batch that came off the wire and
   * awaited before more is read. Fails `connect` when the stream ends before the answer does.
   */
  stream(
    call: Call,
    options: CallOptions & { onChunks: (chunks: Chunk[]) => Promise<void> },
  ): Promise<void> {
    return this.#within(call, options, async (signal) => {
      const asked = { stream: true, stream_options: { include_usage: true } };
      const response = await this.#send(call, asked, { signal, clock: options.clock });
      let finished = false;
      for await (const events of sseEvents(response, this.options.maxBodyBytes)) {
        const chunks: Chunk[] = [];
        for (const data of events) {
          if (data === "[DONE]") {
            finished = true;
            continue;
          }
          const body = parseJson(data);
          throwErrorBody(body, options.clock.now());
          const chunk = chunkSchema.safeParse(body);
          if (!chunk.success) throw new FailureError(failureOf("malformed"));
          finished ||= chunk.data.choices.some((choice) => choice.finish_reason);
          chunks.push(chunk.data);
        }
        if (chunks.length > 0) await options.onChunks(chunks);
      }
      if (!finished) throw new FailureError(failureOf("connect"));
    });
  }

  /** Runs `work` under the call's time limit and the ask's signal; names what ended it. */
  async #within<T>(
    call: Call,
    { signal, clock }: CallOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    let ended: "timeout" | "cancelled" | undefined;
    const end = (why: "timeout" | "cancelled") => {
      ended ??= why;
      abort.abort();
    };
    const cancel = () => end("cancelled");
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    using _timer = clock.at(call.timeoutAt, () => end("timeout"));
    try {
      return await work(abort.signal);
    } catch (error) {
      if (ended) throw new FailureError(failureOf(ended));
      // Whatever was left unread must not hold the connection.
      abort.abort();
      throw error instanceof FailureError ? error : new FailureError(failureOf("connect"));
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** The response to the call, with a good status; a refusal that can be met is met here. */
  async #send(
    call: Call,
    asked: Readonly<Record<string, unknown>>,
    { signal, clock }: CallOptions,
  ): Promise<Response> {
    const upstream = this.#upstreams.get(call.backend);
    if (!upstream) throw new Error("Unknown backend");
    const model = `${call.backend}::${call.model}`;
    const params = { ...call.params, ...asked };
    const droppable = new Set([...call.droppable, "stream_options"]);
    for (let lessons = 0;; lessons++) {
      const quirks = this.#quirks.get(model) ?? NO_QUIRKS;
      const response = await fetch(upstream.url, {
        method: "POST",
        headers: upstream.headers,
        body: writeBody(call, applyQuirks(params, quirks)),
        redirect: "manual",
        signal,
      });
      if (response.ok) return response;
      const { status, headers } = response;
      const error = errorOf(await readText(response, MAX_ERROR_BYTES).catch(() => ""));
      const lesson = (status === 400 || status === 422) && lessons < MAX_LESSONS
        ? learnQuirks(quirks, error, { params, droppable })
        : null;
      if (!lesson) {
        const upstreamCode = error.code;
        throw new FailureError(
          failureOfStatus(status, { headers, upstreamCode, now: clock.now() }),
        );
      }
      this.#quirks.set(model, lesson);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FailureError(failureOf("malformed"));
  }
}

interface UpstreamError {
  readonly code?: unknown;
  readonly param?: unknown;
  readonly message?: unknown;
}

/** The error object of an error body, in OpenAI's shape or vLLM's flat one. */
function errorOf(text: string): UpstreamError {
  try {
    const body = JSON.parse(text);
    return body?.error ?? body ?? {};
  } catch {
    return {};
  }
}

/** Some gateways answer 200 and say in the body that it went wrong. */
function throwErrorBody(body: unknown, now: number): void {
  if (typeof body !== "object" || body === null || !("error" in body) || !body.error) return;
  const { code } = body.error as UpstreamError;
  const status = Number(code);
  throw new FailureError(
    failureOfStatus(status >= 400 && status < 600 ? status : 502, { upstreamCode: code, now }),
  );
}
