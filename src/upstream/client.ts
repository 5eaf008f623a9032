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
import { fromNetwork, readText, writeBody } from "./body.ts";
import { failureOf, failureOfErrorCode, failureOfStatus } from "./classify.ts";
import { errorObjectIn, readErrorObject } from "./error_object.ts";
import { learnQuirk, TEACHING_STATUSES } from "./quirks.ts";
import { type SseEvent, sseEvents } from "./sse_events.ts";

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Told of each quirk that the model's refusals have taught, as soon as it is known. */
  readonly onLesson?: (quirk: string) => void;
}

/** What a call runs under: aborted at its end, whatever the end is. */
interface Attempt {
  readonly abort: AbortController;
  readonly clock: Clock;
  readonly onLesson?: CallOptions["onLesson"];
}

/** Error bodies are read this far and this long, to learn from them. */
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_MS = 1_000;
/** Different refusals that one call may meet before it gives up. */
const MAX_LESSONS = 6;
/** How long a body may go on after `[DONE]`. */
const LINGER_MS = 50;

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
      const url = new URL(baseUrl);
      url.pathname = `${url.pathname.replace(/\/+$/, "")}/chat/completions`;
      return [name, { url: url.href, headers }];
    }));
  }

  /** The whole answer. */
  complete(call: Call, options: CallOptions): Promise<Completion> {
    return this.#within(call, options, async (attempt) => {
      const response = await this.#send(call, attempt);
      const body = parseJson(await readText(response, this.options.maxBodyBytes));
      throwErrorIn(body, attempt);
      return read(completionSchema, body);
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
    return this.#within(call, options, async (attempt) => {
      const response = await this.#send(asStream(call), attempt);
      const finished = new Set<number>();
      const stream = sseEvents(response, this.options.maxBodyBytes);
      for await (const events of stream) {
        const end = events.findIndex(({ data }) => data === "[DONE]");
        const chunks = (end < 0 ? events : events.slice(0, end)).map((event) =>
          readChunk(event, attempt)
        );
        for (const { index = 0, finish_reason } of chunks.flatMap(({ choices }) => choices)) {
          if (finish_reason) finished.add(index);
        }
        if (chunks.length > 0) await options.onChunks(chunks);
        if (end >= 0) return await drain(stream, attempt);
      }
      const choices = typeof call.params.n === "number" ? call.params.n : 1;
      if (finished.size < choices) throw new FailureError(failureOf("connect"));
    });
  }

  /** Runs `work` under the call's time limit and the ask's signal; what comes first ends it. */
  async #within<T>(
    call: Call,
    { signal, clock, onLesson }: CallOptions,
    work: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const ended = Promise.withResolvers<never>();
    const end = (code: "timeout" | "cancelled") => {
      ended.reject(new FailureError(failureOf(code)));
      abort.abort(code);
    };
    const cancel = () => end("cancelled");
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    using _timer = clock.at(call.timeoutAt, () => end("timeout"));
    try {
      return await Promise.race([work({ abort, clock, onLesson }), ended.promise]);
    } catch (error) {
      // Whatever was left unread must not hold the connection.
      abort.abort("failed");
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** The response to the call, with a good status; a refusal that can be met is met here. */
  async #send(call: Call, { abort, clock, onLesson }: Attempt): Promise<Response> {
    const upstream = this.#upstreams.get(call.backend);
    if (!upstream) throw new FailureError(failureOfStatus(404, { now: clock.now() }));
    const quirks = this.quirksOf(call);
    for (let lessons = 0;; lessons++) {
      const response = await fromNetwork(fetch(upstream.url, {
        method: "POST",
        headers: upstream.headers,
        body: writeBody(call.model, adaptCall(call, quirks)),
        redirect: "manual",
        signal: abort.signal,
      }));
      if (response.ok) return response;
      const { status, headers } = response;
      const error = readErrorObject(await readErrorText(response, clock));
      const lesson = TEACHING_STATUSES.has(status) && lessons < MAX_LESSONS
        ? learnQuirk(error, refusedBy(call), quirks)
        : null;
      if (lesson === null) {
        const upstreamCode = error.code;
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

/** The body of an error; empty when it is too long, or does not come. */
async function readErrorText(response: Response, clock: Clock): Promise<string> {
  const late = Promise.withResolvers<string>();
  using _limit = clock.at(clock.now() + MAX_ERROR_MS, () => late.resolve(""));
  return await Promise.race([readText(response, MAX_ERROR_BYTES).catch(() => ""), late.promise]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FailureError(failureOf("malformed"));
  }
}

function read<T>(schema: { safeParse(value: unknown): { data?: T } }, body: unknown): T {
  const { data } = schema.safeParse(body);
  if (data === undefined) throw new FailureError(failureOf("malformed"));
  return data;
}

function readChunk({ event, data }: SseEvent, attempt: Attempt): Chunk {
  const body = parseJson(data);
  throwErrorIn(event === "error" ? { error: body } : body, attempt);
  return read(chunkSchema, body);
}

/** Reads on to where the body ends, a short while at most: its connection can be used again then. */
async function drain(events: AsyncIterable<unknown>, { abort, clock }: Attempt): Promise<void> {
  using _limit = clock.at(clock.now() + LINGER_MS, () => abort.abort("drained"));
  try {
    for await (const _ of events);
  } catch {
    abort.abort("drained");
  }
}

function throwErrorIn(body: unknown, { clock }: Attempt): void {
  const error = errorObjectIn(body);
  if (error) throw new FailureError(failureOfErrorCode(error.code, clock.now()));
}
