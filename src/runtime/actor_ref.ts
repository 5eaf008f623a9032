/**
 * Actor ref: the asking end of an actor. It brings the actor up (listening, start, ready), carries
 * asks and cancels to it, watches its heartbeat, and sees to it that every ask gets exactly one
 * terminal: what the actor says, or a `down` written here when the actor is gone.
 * @module
 */
import { type DownReason, fromActorSchema, type ToActor } from "../protocol/lifecycle.ts";
import type { Terminal } from "../protocol/terminal.ts";
import type { ActorProtocol } from "./actor.ts";
import { CANCELLED, UNREADABLE, UNSENDABLE } from "./ask_failures.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Port } from "./port.ts";

/** Whatever an actor runs in: a Web Worker, alone or not, or one end of a channel in this thread. */
export interface Host {
  readonly port: Port;
  /** Called when the host is gone by itself; "crashed" unless somebody knows better. */
  onCrash(report: (reason?: DownReason) => void): void;
  /** The actor has gone in order: the host is of no more use to it. */
  leave(): void;
  /** Ends the host at once, without asking it; the reason is for whoever else has to do with it. */
  kill(reason?: DownReason): void;
}

export interface ActorRefOptions<Start> {
  readonly start: Start;
  readonly clock: Clock;
  /** How often the actor is pinged; three pings without a word from it are its death. */
  readonly heartbeatMs: number;
  /**
   * Called once, when the actor is gone: with a reason, or null when it was stopped in order. What it
   * crashed with is told where it could be known, as a class and a place.
   */
  readonly onDown: (reason: DownReason | null, error?: string) => void;
  readonly onReady?: () => void;
  /** Called for each reply to an ask that has its terminal already; the reply is dropped. */
  readonly onLateReply?: () => void;
}

export interface AskOptions<Answer, Partial> {
  readonly deadlineAt: number;
  /** Is the actor's from now on: it is transferred, or closed where the ask does not get through. */
  readonly port?: MessagePort;
  readonly onTerminal: (terminal: Terminal<Answer, Partial>) => void;
}

type AskMessage = Extract<ToActor, { type: "ask" }>;

const MISSED_PINGS = 3;

/** Longest that an actor may take to get ready: with an empty cache it fetches its modules first. */
const START_LIMIT_MS = 60_000;

export class ActorRef<Start, Ask, Answer, Partial> {
  #state: "starting" | "ready" | "stopping" | "gone" = "starting";
  /** Asks that wait for the actor to be ready. */
  readonly #waiting = new Map<string, AskMessage>();
  readonly #asks = new Map<string, (terminal: Terminal<Answer, Partial>) => void>();
  #unansweredPings = 0;
  /** The start's limit, then the next heartbeat. */
  #timer: Timer;

  constructor(
    readonly protocol: ActorProtocol<Start, Ask, Answer, Partial>,
    readonly host: Host,
    readonly options: ActorRefOptions<Start>,
  ) {
    const { clock } = options;
    this.#timer = clock.at(clock.now() + START_LIMIT_MS, () => this.#down("unresponsive"));
    host.onCrash((reason = "crashed") => this.#down(reason));
    host.port.listen(
      (data) => this.#receive(data),
      (message) => this.#unsendable(message as ToActor),
    );
  }

  get state() {
    return this.#state;
  }

  /** Asks that have no terminal yet. */
  get openAsks(): number {
    return this.#asks.size;
  }

  /** `id` must be new to this actor. Asks before `ready` wait for it. */
  ask(id: string, payload: Ask, { deadlineAt, port, onTerminal }: AskOptions<Answer, Partial>) {
    if (this.#asks.has(id)) throw new Error(`Cannot ask: ${id} is open already`);
    if (this.#state === "gone" || this.#state === "stopping") {
      port?.close();
      return onTerminal({ type: "down", reason: "exited" });
    }
    this.#asks.set(id, onTerminal);
    const message: AskMessage = { type: "ask", ask: id, deadlineAt, payload };
    if (port) message.port = port;
    if (this.#state === "starting") this.#waiting.set(id, message);
    else this.#postAsk(message);
  }

  /** Idempotent; the ask still gets its terminal. */
  cancel(id: string, reason: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting) {
      this.#waiting.delete(id);
      waiting.port?.close();
      this.#end(id, { type: "failed", failure: CANCELLED });
    } else if (this.#asks.has(id)) this.#post({ type: "cancel", ask: id, reason });
  }

  /** Asks the actor to end what it does and go; `onDown(null)` follows. */
  stop(): void {
    if (this.#state === "starting") return this.#left();
    if (this.#state !== "ready") return;
    this.#state = "stopping";
    this.#post({ type: "shutdown" });
  }

  /** Ends the actor now; its asks end as `down`. */
  kill(): void {
    this.#down(this.#state === "stopping" ? null : "exited");
  }

  #post(message: ToActor) {
    this.host.port.post(message);
  }

  #postAsk(message: AskMessage) {
    this.host.port.post(message, message.port ? [message.port] : []);
  }

  #unsendable(message: ToActor) {
    // Whatever else cannot be sent, without its start message an actor never gets ready.
    if (message.type !== "ask") return this.#down("crashed");
    message.port?.close();
    this.#end(message.ask, { type: "failed", failure: UNSENDABLE });
  }

  #receive(data: unknown) {
    this.#unansweredPings = 0;
    const parsed = fromActorSchema.safeParse(data);
    // An actor that does not speak the protocol is broken, whatever else it does.
    if (!parsed.success) return this.#down("crashed");
    const message = parsed.data;
    switch (message.type) {
      case "listening":
        if (this.#state === "starting") this.#start();
        return;
      case "ready":
        if (message.role !== this.protocol.role) return this.#down("crashed");
        if (this.#state === "starting") this.#ready();
        return;
      case "answered": {
        const answer = this.protocol.answer.safeParse(message.payload);
        return this.#end(
          message.ask,
          answer.success
            ? { type: "answered", payload: answer.data }
            : { type: "failed", failure: UNREADABLE },
        );
      }
      case "failed": {
        const { ask, failure } = message;
        if (message.partial === undefined) return this.#end(ask, { type: "failed", failure });
        const partial = this.protocol.partial.safeParse(message.partial);
        return this.#end(
          ask,
          partial.success
            ? { type: "failed", failure, partial: partial.data }
            : { type: "failed", failure },
        );
      }
      case "pong":
        return;
      case "exited":
        return this.#state === "stopping" ? this.#left() : this.#down("exited");
      case "crashed":
        return this.#down("crashed", message.error);
      default:
        return message satisfies never;
    }
  }

  #start() {
    const { clock, start } = this.options;
    this.#post({ type: "start", now: clock.now(), config: start });
  }

  #ready() {
    this.#state = "ready";
    this.#timer.clear();
    this.#timer = this.#nextBeat();
    for (const message of this.#waiting.values()) this.#postAsk(message);
    this.#waiting.clear();
    this.options.onReady?.();
  }

  #end(ask: string, terminal: Terminal<Answer, Partial>) {
    const onTerminal = this.#asks.get(ask);
    if (!onTerminal) return this.options.onLateReply?.();
    this.#asks.delete(ask);
    onTerminal(terminal);
  }

  #nextBeat(): Timer {
    const { clock, heartbeatMs } = this.options;
    return clock.at(clock.now() + heartbeatMs, () => {
      if (this.#unansweredPings === MISSED_PINGS) return this.#down("unresponsive");
      this.#unansweredPings++;
      this.#post({ type: "ping" });
      this.#timer = this.#nextBeat();
    });
  }

  #left() {
    this.#gone(null, { end: "leave" });
  }

  #down(reason: DownReason | null, error?: string) {
    this.#gone(reason, { end: "kill", error });
  }

  #gone(
    reason: DownReason | null,
    { end, error }: { end: "leave" | "kill"; error?: string | undefined },
  ) {
    if (this.#state === "gone") return;
    this.#state = "gone";
    this.#timer.clear();
    for (const { port } of this.#waiting.values()) port?.close();
    this.#waiting.clear();
    const asks = [...this.#asks.values()];
    this.#asks.clear();
    // The asks end when all who had to do with the host know of its end, so that who asks again is
    // not sent there.
    queueMicrotask(() => {
      for (const onTerminal of asks) onTerminal({ type: "down", reason: reason ?? "exited" });
    });
    if (end === "leave") this.host.leave();
    else this.host.kill(reason ?? "exited");
    this.options.onDown(reason, error);
  }
}
