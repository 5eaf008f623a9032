/**
 * Client: makes one call to an upstream, whole or streamed. The only file that knows an
 * upstream's URL and key. What comes out is an answer or a FailureError whose failure holds nothing
 * of what the upstream wrote.
 * @module
 */
import { asRecord } from "../openai/as_record.ts";
import type { Message } from "../openai/chat_request.ts";
import {
  type Chunk,
  chunkSchema,
  type Completion,
  completionSchema,
} from "../openai/chat_response.ts";
import { type Call, DEPTH_HEADER } from "../protocol/call.ts";
import { FailureError } from "../protocol/failure.ts";
import type { RelayCall } from "../protocol/relay.ts";
import type { Upstreams } from "../protocol/upstreams.ts";
import type { Clock } from "../runtime/clock.ts";
import { adaptCall } from "./adapt_call.ts";
import { readText, writeBody } from "./body.ts";
import { failureOf, failureOfErrorCode, failureOfStatus } from "./classify.ts";
import { post, type PostOptions } from "./exchange.ts";
import { type ErrorObject, errorObjectIn, readErrorObject } from "./error_object.ts";
import { learnQuirk, type Refused, TEACHING_STATUSES } from "./quirks.ts";
import type { RelayedAnswer } from "./relayed_answer.ts";
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
  readonly onLesson?: ((quirk: string) => void) | undefined;
}

interface Upstream {
  readonly baseUrl: string;
  /** Of chat completions. */
  readonly url: string;
  readonly headers: PostOptions["headers"];
}

/** Error bodies are read this far and this long, to learn from them. */
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_MS = 1_000;
/** Different refusals that one call may meet before it gives up. */
const MAX_LESSONS = 6;
/** How long a body may go on after `[DONE]`. */
const LINGER_MS = 50;

export class UpstreamClient {
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  /** By backend and model; what the calls bring is added to it. */
  readonly #quirks = new Map<string, Set<string>>();

  constructor(readonly options: Upstreams) {
    this.#upstreams = new Map(options.upstreams.map(({ name, baseUrl, key, asClient }) => {
      const headers = {
        "content-type": "application/json",
        "accept-encoding": "identity",
        ...(asClient ? {} : { [DEPTH_HEADER]: "1" }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      };
      return [name, { baseUrl, url: endpoint(baseUrl, "chat/completions"), headers }];
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

  /**
   * Passes a request through as it is: the answer's text goes to `onText` as it comes, and `answer`
   * reads along. No quirk is met and none is learned.
   */
  relay(
    call: RelayCall,
    { answer, onText, ...options }: CallOptions & {
      readonly answer: RelayedAnswer;
      readonly onText: (text: string) => Promise<void>;
    },
  ): Promise<void> {
    return this.#within(call, options, async (attempt) => {
      const { baseUrl, headers } = this.#upstream(call.backend, attempt);
      const { signal } = attempt.abort;
      const url = endpoint(baseUrl, call.path);
      const response = await post(url, { headers, body: call.body, signal });
      if (!response.ok) throw refused(response, await readError(response, attempt), attempt);
      const { maxBodyBytes } = this.options;
      if (!call.stream) {
        const text = await readText(response, maxBodyBytes);
        answer.takeWhole(text);
        return await onText(text);
      }
      await onText("");
      const stream = sseEvents(response, maxBodyBytes);
      for await (const events of stream) {
        await onText(answer.takeEvents(events));
        answer.ensureSound();
        if (answer.done) return await drain(stream, attempt);
      }
      answer.ensureComplete();
    });
  }

  /** Runs `work` under the call's time limit and the ask's signal; what comes first ends it. */
  async #within<T>(
    call: Pick<Call, "timeoutAt">,
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
      // An ask may make many calls under one signal.
      signal.removeEventListener("abort", cancel);
    }
  }

  /** The response to the call, with a good status; a refusal that can be met is met here. */
  async #send(call: Call, attempt: Attempt): Promise<Response> {
    const { url, headers } = this.#upstream(call.backend, attempt);
    const quirks = this.quirksOf(call);
    for (let lessons = 0;; lessons++) {
      // Others may learn something meanwhile: what was sent counts.
      const known = new Set(quirks);
      const body = writeBody(call.model, adaptCall(call, known));
      const response = await post(url, { headers, body, signal: attempt.abort.signal });
      if (response.ok) return response;
      const error = await readError(response, attempt);
      const lesson = TEACHING_STATUSES.has(response.status) && lessons < MAX_LESSONS
        ? learnQuirk(error, refusedBy(call, response.status), known)
        : null;
      if (lesson === null) throw refused(response, error, attempt);
      quirks.add(lesson);
      attempt.onLesson?.(lesson);
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

  #upstream(backend: string, { clock }: Attempt): Upstream {
    const upstream = this.#upstreams.get(backend);
    if (!upstream) throw new FailureError(failureOfStatus(404, { now: clock.now() }));
    return upstream;
  }
}

function asStream(call: Call): Call {
  const options = { ...asRecord(call.params["stream_options"]), include_usage: true };
  return {
    ...call,
    params: { ...call.params, stream: true, stream_options: options },
    droppable: [...call.droppable, "stream_options"],
  };
}

/** Only a refused call's conversation is ever parsed here. */
function refusedBy({ params, droppable, messages }: Call, status: number): Refused {
  return {
    status,
    params,
    droppable: new Set(droppable),
    messages: JSON.parse(messages) as Message[],
  };
}

function endpoint(baseUrl: string, path: string): string {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  return url.href;
}

async function readError(response: Response, { clock }: Attempt): Promise<ErrorObject> {
  return readErrorObject(await readErrorText(response, clock));
}

function refused(
  { status, headers }: Response,
  { code: upstreamCode }: ErrorObject,
  { clock }: Attempt,
): FailureError {
  return new FailureError(failureOfStatus(status, { headers, upstreamCode, now: clock.now() }));
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
