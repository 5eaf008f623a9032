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
import { asRecord } from "../openai/as_record.ts";
import type { Message } from "../openai/chat_request.ts";
import type { Call } from "../protocol/call.ts";
import { FailureError } from "../protocol/failure.ts";
import type { Upstreams } from "../protocol/upstreams.ts";
import type { Clock } from "../runtime/clock.ts";
import { adaptCall } from "./adapt_call.ts";
import { readText, writeBody } from "./body.ts";
import { failureOf, failureOfStatus } from "./classify.ts";
import { learnQuirk, type Refusal, TEACHING_STATUSES } from "./quirks.ts";
import { sseEvents } from "./sse_events.ts";

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Told of each quirk that the model's refusals have taught, as soon as it is known. */
  readonly onLesson?: (quirk: string) => void;
}

/** Error bodies are read this far, to learn from them. */
const MAX_ERROR_BYTES = 64 * 1024;
/** Different refusals that one call may meet before it gives up. */
const MAX_LESSONS = 6;

export class UpstreamClient {
  readonly #upstreams: ReadonlyMap<string, { readonly url: string; readonly headers: Headers }>;
  /** By backend and model; what the calls bring is added to it. */
  readonly #quirks = new Map<string, Set<string>>();

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
      const response = await this.#send(call, { ...options, signal });
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
      const response = await this.#send(asStream(call), { ...options, signal });
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
  async #send(call: Call, { signal, clock, onLesson }: CallOptions): Promise<Response> {
    const upstream = this.#upstreams.get(call.backend);
    if (!upstream) throw new Error("Unknown backend");
    const quirks = this.quirksOf(call);
    for (let lessons = 0;; lessons++) {
      const response = await fetch(upstream.url, {
        method: "POST",
        headers: upstream.headers,
        body: writeBody(call.model, adaptCall(call, quirks)),
        redirect: "manual",
        signal,
      });
      if (response.ok) return response;
      const { status, headers } = response;
      const refusal = refusalOf(await readText(response, MAX_ERROR_BYTES).catch(() => ""));
      const lesson = TEACHING_STATUSES.has(status) && lessons < MAX_LESSONS
        ? learnQuirk(refusal, refusedBy(call), quirks)
        : null;
      if (lesson === null) {
        const upstreamCode = refusal.code;
        throw new FailureError(
          failureOfStatus(status, { headers, upstreamCode, now: clock.now() }),
        );
      }
      quirks.add(lesson);
      onLesson?.(lesson);
    }
  }

  /** Everything that is known of the call's model: brought by calls, or learned here. */
  quirksOf(call: Call): Set<string> {
    const model = `${call.backend}::${call.model}`;
    let quirks = this.#quirks.get(model);
    if (!quirks) this.#quirks.set(model, quirks = new Set());
    for (const quirk of call.quirks ?? []) quirks.add(quirk);
    return quirks;
  }
}

function asStream(call: Call): Call {
  const wished = call.params["stream_options"];
  const options = { ...asRecord(wished), include_usage: true };
  return {
    ...call,
    params: { ...call.params, stream: true, stream_options: options },
    droppable: [...call.droppable, "stream_options"],
  };
}

/** Only a refused call's conversation is ever parsed here. */
function refusedBy({ params, droppable, messages }: Call) {
  return { params, droppable: new Set(droppable), messages: JSON.parse(messages) as Message[] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FailureError(failureOf("malformed"));
  }
}

/** The error object of an error body, in OpenAI's shape, vLLM's flat one or a bare sentence. */
function refusalOf(text: string): Refusal {
  try {
    const body = JSON.parse(text);
    const error = body?.error ?? body?.detail ?? body;
    if (typeof error === "string") return { message: error };
    return Array.isArray(error) ? { message: JSON.stringify(error) } : error ?? {};
  } catch {
    return {};
  }
}

/** Some gateways answer 200 and say in the body that it went wrong. */
function throwErrorBody(body: unknown, now: number): void {
  if (typeof body !== "object" || body === null || !("error" in body) || !body.error) return;
  const { code } = body.error as Refusal;
  const status = Number(code);
  throw new FailureError(
    failureOfStatus(status >= 400 && status < 600 ? status : 502, { upstreamCode: code, now }),
  );
}
