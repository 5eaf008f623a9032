/**
 * A run as the bytes of an event stream: the role at once, a sign of life while nothing is said,
 * the answer's deltas as they come, then how it ended.
 *
 * The reader sets the pace: a delta is taken from the run only when the body is pulled, so a slow
 * client slows its upstream and fills no memory. How each choice finished is held back until the
 * run has settled: a stream that was cut must not look finished, so a failed run ends in an error
 * event, without a finish reason and without `[DONE]`. When the client leaves, the run is
 * cancelled. `onEnd` is called exactly once, whichever way it ends.
 * @module
 */
import type { Delta, Outcome, Run } from "../fusion/outcome.ts";
import type { Profile } from "../fusion/profile.ts";
import type { Clock, Timer } from "../gate/clock.ts";
import { traceBody } from "../observe/trace.ts";
import { ChunkWriter } from "../openai/chat_chunk.ts";
import { usageBody } from "../openai/usage_body.ts";
import type { CompletionHead } from "./completion_body.ts";
import { failedError, internalError } from "./error_response.ts";
import { DONE, event, KEEPALIVE_COMMENT } from "./sse.ts";

export interface ChatStreamOptions extends CompletionHead {
  readonly includeUsage: boolean;
  /** How many choices were asked for (`n`). */
  readonly choices: number;
  readonly keepalive: Profile["stream"];
  readonly clock: Clock;
  readonly onEnd: (end: StreamEnd) => void;
}

export interface StreamEnd {
  readonly clientLeft: boolean;
  /** Epoch milliseconds; absent where nothing was said. */
  readonly firstDeltaAt?: number;
}

export function chatStream(run: Run, options: ChatStreamOptions): ReadableStream<Uint8Array> {
  return new ReadableStream(new ChatStreamSource(run, options), { highWaterMark: 0 });
}

const utf8 = new TextEncoder();

class ChatStreamSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #run: Run;
  readonly #options: ChatStreamOptions;
  readonly #deltas: ReadableStreamDefaultReader<Delta>;
  readonly #chunks: ChunkWriter;
  /** How each choice that was heard of finished; empty where its upstream has not said so. */
  readonly #finishes = new Map<number, string>();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #timer: Timer | undefined;
  #lastWriteAt = 0;
  #firstDeltaAt: number | undefined;
  #commentIsOpen = false;
  #ended = false;

  constructor(run: Run, options: ChatStreamOptions) {
    this.#run = run;
    this.#options = options;
    this.#deltas = run.deltas.getReader();
    this.#chunks = new ChunkWriter(options);
    // A run that breaks is met at the end of its deltas; until then nobody else would listen.
    run.outcome.catch(() => {});
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    let opening = "";
    for (let index = 0; index < this.#options.choices; index++) {
      this.#finishes.set(index, "");
      opening += event(this.#chunks.role(index));
    }
    this.#write(opening);
    if (this.#options.keepalive.keepalive !== "off") this.#awaitSilence();
  }

  async pull(): Promise<void> {
    for (;;) {
      const delta = await this.#nextDelta();
      if (this.#ended) return;
      if (delta === undefined) return await this.#finish();
      this.#holdFinishReasons(delta);
      const chunk = this.#chunks.delta(delta.choices);
      if (chunk === "") continue;
      this.#write(event(chunk));
      this.#firstDeltaAt ??= this.#lastWriteAt;
      return;
    }
  }

  cancel(): void {
    this.#end(true);
    this.#run.cancel("client_left");
    this.#deltas.cancel().catch(() => {});
  }

  /** The next delta, or undefined at the end, of which the outcome says what it means. */
  async #nextDelta(): Promise<Delta | undefined> {
    try {
      return (await this.#deltas.read()).value;
    } catch {
      return undefined;
    }
  }

  #holdFinishReasons(delta: Delta): void {
    for (const { index, finish_reason: reason } of delta.choices) {
      const key = typeof index === "number" ? index : 0;
      if (typeof reason === "string" && reason !== "") this.#finishes.set(key, reason);
    }
  }

  async #finish(): Promise<void> {
    const outcome = await this.#run.outcome.catch(() => undefined);
    if (this.#ended) return;
    this.#write(this.#closing(outcome));
    this.#controller.close();
    this.#end(false);
  }

  #closing(outcome: Outcome | undefined): string {
    if (outcome === undefined) return event(JSON.stringify(internalError().body));
    if (outcome.type === "failed") return event(JSON.stringify(failedError(outcome).body));

    const { trace, includeUsage } = this.#options;
    const fusion = trace ? traceBody(outcome) : undefined;
    for (const { index, finish_reason: reason } of outcome.choices) {
      if (!this.#finishes.get(index)) this.#finishes.set(index, reason ?? "");
    }
    let text = "";
    let left = this.#finishes.size;
    for (const [index, reason] of this.#finishes) {
      const isLast = --left === 0 && !includeUsage;
      text += event(this.#chunks.finish(index, reason || "stop", isLast ? fusion : undefined));
    }
    if (includeUsage) text += event(this.#chunks.usage(usageBody(outcome.usage), fusion));
    return text + DONE;
  }

  #write(text: string): void {
    if (this.#commentIsOpen) {
      // Parsers that cut at empty lines take the comments and what follows for one block and may
      // drop it: let that be a chunk that says nothing.
      text = event(this.#chunks.empty()) + text;
      this.#commentIsOpen = false;
    }
    this.#controller.enqueue(utf8.encode(text));
    this.#lastWriteAt = this.#options.clock.now();
  }

  #awaitSilence(): void {
    const dueAt = this.#lastWriteAt + this.#options.keepalive.keepaliveMs;
    this.#timer = this.#options.clock.at(dueAt, () => {
      if (this.#options.clock.now() >= this.#lastWriteAt + this.#options.keepalive.keepaliveMs) {
        this.#keepAlive();
      }
      this.#awaitSilence();
    });
  }

  #keepAlive(): void {
    this.#lastWriteAt = this.#options.clock.now();
    // What is not read yet is alive enough; more would only pile up.
    if (this.#controller.desiredSize! < 0) return;
    if (this.#options.keepalive.keepalive === "chunk") this.#write(event(this.#chunks.empty()));
    else {
      this.#controller.enqueue(utf8.encode(KEEPALIVE_COMMENT));
      this.#commentIsOpen = true;
    }
  }

  #end(clientLeft: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.clear();
    const firstDeltaAt = this.#firstDeltaAt;
    this.#options.onEnd({ clientLeft, ...(firstDeltaAt !== undefined && { firstDeltaAt }) });
  }
}
