/**
 * A run as the bytes of an event stream, in the words of whichever endpoint was asked: its opening
 * at once, a sign of life while nothing is said, the answer's deltas as they come, then how it ended.
 *
 * The reader sets the pace: a delta is taken from the run only when the body is pulled, so a slow
 * client slows its upstream and fills no memory. When the client leaves, the run is cancelled.
 * `onEnd` is called exactly once, whichever way it ends.
 * @module
 */
import type { CancelReason, Delta, Outcome } from "../fusion/outcome.ts";
import type { Profile } from "../fusion/profile.ts";
import type { Clock, Timer } from "../gate/clock.ts";
import { KEEPALIVE_COMMENT } from "./sse.ts";

/** A run, or what goes the same way. */
export interface Streamed<Piece> {
  readonly outcome: Promise<Outcome>;
  readonly deltas: ReadableStream<Piece>;
  cancel(reason: CancelReason): void;
}

/** Puts one run's answer into events. Every method gives whole events, or "" to say nothing. */
export interface EventWriter<Piece = Delta> {
  /** What is said before the run has said anything. */
  opening(): string;
  delta(delta: Piece): string;
  /** An event that says nothing. */
  idle(): string;
  /** The end. Without an outcome the run has broken, by a fault of ours. */
  closing(outcome: Outcome | undefined): string;
}

export interface RunStreamOptions {
  readonly keepalive: Profile["stream"];
  readonly clock: Clock;
  readonly onEnd: (end: StreamEnd) => void;
}

export interface StreamEnd {
  readonly clientLeft: boolean;
  /** Epoch milliseconds; absent where nothing was said. */
  readonly firstDeltaAt?: number;
  /** What broke the stream in the middle, by a fault of ours. */
  readonly fault?: unknown;
}

export function runStream<Piece>(
  run: Streamed<Piece>,
  writer: EventWriter<Piece>,
  options: RunStreamOptions,
): ReadableStream<Uint8Array> {
  return new ReadableStream(new RunStreamSource(run, writer, options), { highWaterMark: 0 });
}

/** What is said beside the answer is not its first word. */
function isAside(piece: unknown): boolean {
  return typeof piece === "object" && piece !== null && "aside" in piece;
}

const utf8 = new TextEncoder();

class RunStreamSource<Piece> implements UnderlyingDefaultSource<Uint8Array> {
  readonly #run: Streamed<Piece>;
  readonly #writer: EventWriter<Piece>;
  readonly #options: RunStreamOptions;
  readonly #deltas: ReadableStreamDefaultReader<Piece>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #timer: Timer | undefined;
  #lastWriteAt = 0;
  #firstDeltaAt: number | undefined;
  #commentIsOpen = false;
  #ended = false;

  constructor(run: Streamed<Piece>, writer: EventWriter<Piece>, options: RunStreamOptions) {
    this.#run = run;
    this.#writer = writer;
    this.#options = options;
    this.#deltas = run.deltas.getReader();
    // A run that breaks is met at the end of its deltas; until then nobody else would listen.
    run.outcome.catch(() => {});
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.#write(this.#writer.opening());
    if (this.#options.keepalive.keepalive !== "off") this.#awaitSilence();
  }

  async pull(): Promise<void> {
    try {
      await this.#advance();
    } catch (error) {
      this.#break(error);
    }
  }

  /** Writes until something has been written. */
  async #advance(): Promise<void> {
    for (;;) {
      const delta = (await this.#deltas.read()).value;
      if (this.#ended) return;
      if (delta === undefined) return await this.#finish();
      const resumed = this.#resumed();
      const events = this.#writer.delta(delta);
      if (resumed + events === "") continue;
      this.#write(resumed + events);
      if (events !== "" && !isAside(delta)) this.#firstDeltaAt ??= this.#lastWriteAt;
      return;
    }
  }

  cancel(): void {
    this.#end({ clientLeft: true });
    this.#run.cancel("client_left");
    this.#deltas.cancel().catch(() => {});
  }

  /** The deltas have ended; the outcome says what that means. */
  async #finish(): Promise<void> {
    const outcome = await this.#run.outcome.catch(() => undefined);
    if (this.#ended) return;
    this.#write(this.#resumed() + this.#writer.closing(outcome));
    this.#controller.close();
    this.#end({ clientLeft: false });
  }

  /**
   * What was to be said cannot be. However the run ends, its answer has a hole: that is said at once,
   * and the run need not go on.
   */
  #break(fault: unknown): void {
    if (this.#ended) return;
    this.#write(this.#resumed() + this.#writer.closing(undefined));
    this.#controller.close();
    this.#end({ clientLeft: false, fault });
    this.#run.cancel("broken");
    this.#deltas.cancel().catch(() => {});
  }

  /**
   * What stands between a comment and the next event. Parsers that cut at empty lines take comments
   * and what follows for one block and may drop it: let that be an event that says nothing.
   */
  #resumed(): string {
    if (!this.#commentIsOpen) return "";
    this.#commentIsOpen = false;
    return this.#writer.idle();
  }

  #write(text: string): void {
    if (text !== "") this.#controller.enqueue(utf8.encode(text));
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
    if (this.#options.keepalive.keepalive === "chunk") this.#write(this.#writer.idle());
    else {
      this.#controller.enqueue(utf8.encode(KEEPALIVE_COMMENT));
      this.#commentIsOpen = true;
    }
  }

  #end(end: Omit<StreamEnd, "firstDeltaAt">): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.clear();
    const firstDeltaAt = this.#firstDeltaAt;
    this.#options.onEnd({ ...end, ...(firstDeltaAt !== undefined && { firstDeltaAt }) });
  }
}
