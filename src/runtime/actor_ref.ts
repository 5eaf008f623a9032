/**
 * Actor ref: the asking end of an actor. It brings the actor up (listening, start, ready), carries
 * asks and cancels to it, watches its heartbeat, and sees to it that every ask gets exactly one
 * terminal: what the actor says, or a `down` written here when the actor is gone.
 * @module
 */
import type * as z from "zod";
import type { Failure } from "../protocol/failure.ts";
import { type DownReason, fromActorSchema, type ToActor } from "../protocol/lifecycle.ts";
import type { Terminal } from "../protocol/terminal.ts";
import type { ActorProtocol } from "./actor.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Port } from "./port.ts";

/** Whatever an actor runs in: a Web Worker, or one end of a channel in this thread. */
export interface Host {
  readonly port: Port;
  /** Called when the host breaks by itself. */
  onCrash(report: () => void): void;
  /** Ends the host at once, without asking it. */
  kill(): void;
}

export interface ActorRefOptions<Start> {
  readonly start: Start;
  readonly clock: Clock;
  /** How often the actor is pinged; three unanswered pings are its death. */
  readonly heartbeatMs: number;
  /** Called once, when the actor is gone: with a reason, or null when it was stopped in order. */
  readonly onDown: (reason: DownReason | null) => void;
  readonly onReady?: () => void;
}

export interface AskOptions<Answer, Partial> {
  readonly deadlineAt: number;
  readonly port?: MessagePort;
  readonly onTerminal: (terminal: Terminal<Answer, Partial>) => void;
}

const MISSED_PINGS = 3;

export class ActorRef<Start, Ask, Answer, Partial> {
  #state: "starting" | "ready" | "stopping" | "gone" = "starting";
  #outbox: { message: ToActor; transfer: Transferable[] }[] = [];
  readonly #asks = new Map<string, (terminal: Terminal<Answer, Partial>) => void>();
  #sentSeq = 0;
  #seenSeq = 0;
  #heartbeat: Timer;

  constructor(
    readonly protocol: ActorProtocol<Start, Ask, Answer, Partial>,
    readonly host: Host,
    readonly options: ActorRefOptions<Start>,
  ) {
    host.onCrash(() => this.#down("crashed"));
    host.port.listen((data) => this.#receive(data));
    this.#heartbeat = this.#nextBeat();
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
    if (this.#state === "gone" || this.#state === "stopping") {
      onTerminal({ type: "down", reason: "exited" });
      return;
    }
    this.#asks.set(id, onTerminal);
    const message = { type: "ask", ask: id, deadlineAt, payload } as const;
    this.#send(port ? { ...message, port } : message, port ? [port] : []);
  }

  /** Idempotent; the ask still gets its terminal. */
  cancel(id: string, reason: string): void {
    if (this.#asks.has(id)) this.#send({ type: "cancel", ask: id, reason }, []);
  }

  /** Asks the actor to end what it does and go; `onDown(null)` follows. */
  stop(): void {
    if (this.#state === "starting") return this.#down(null);
    if (this.#state !== "ready") return;
    this.#state = "stopping";
    this.host.port.post({ type: "shutdown" } satisfies ToActor);
  }

  /** Ends the actor now; its asks end as `down`. */
  kill(): void {
    this.#down(this.#state === "stopping" ? null : "exited");
  }

  #send(message: ToActor, transfer: Transferable[]) {
    if (this.#state === "starting") this.#outbox.push({ message, transfer });
    else this.host.port.post(message, transfer);
  }

  #receive(data: unknown) {
    if (this.#state === "gone") return;
    const parsed = fromActorSchema.safeParse(data);
    // An actor that does not speak the protocol is broken, whatever else it does.
    if (!parsed.success) return this.#down("crashed");
    const message = parsed.data;
    switch (message.type) {
      case "listening":
        return this.host.port.post(
          {
            type: "start",
            now: this.options.clock.now(),
            config: this.options.start,
          } satisfies ToActor,
        );
      case "ready": {
        if (this.#state !== "starting") return;
        this.#state = "ready";
        for (const { message, transfer } of this.#outbox.splice(0)) {
          this.host.port.post(message, transfer);
        }
        return this.options.onReady?.();
      }
      case "answered":
        return this.#end(message.ask, checked(this.protocol.answer.safeParse(message.payload)));
      case "failed": {
        const partial = this.protocol.partial.safeParse(message.partial);
        return this.#end(message.ask, {
          type: "failed",
          failure: message.failure,
          ...(partial.success ? { partial: partial.data } : {}),
        });
      }
      case "pong":
        this.#seenSeq = message.seq;
        return;
      case "exited":
        return this.#down(this.#state === "stopping" ? null : "exited");
      default:
        return message satisfies never;
    }
  }

  #end(ask: string, terminal: Terminal<Answer, Partial>) {
    const onTerminal = this.#asks.get(ask);
    if (this.#asks.delete(ask)) onTerminal?.(terminal);
  }

  #nextBeat(): Timer {
    const { clock, heartbeatMs } = this.options;
    return clock.at(clock.now() + heartbeatMs, () => {
      if (this.#sentSeq - this.#seenSeq >= MISSED_PINGS) return this.#down("unresponsive");
      // A ping also wakes the count while the actor starts: an actor that never gets ready dies too.
      this.#sentSeq++;
      if (this.#state !== "starting") {
        this.host.port.post({ type: "ping", seq: this.#sentSeq } satisfies ToActor);
      }
      this.#heartbeat = this.#nextBeat();
    });
  }

  #down(reason: DownReason | null) {
    if (this.#state === "gone") return;
    this.#state = "gone";
    this.#heartbeat.clear();
    this.host.kill();
    const asks = [...this.#asks.values()];
    this.#asks.clear();
    for (const onTerminal of asks) onTerminal({ type: "down", reason: reason ?? "exited" });
    this.options.onDown(reason);
  }
}

function checked<Answer>(parsed: z.ZodSafeParseResult<Answer>): Terminal<Answer, never> {
  if (parsed.success) return { type: "answered", payload: parsed.data };
  return { type: "failed", failure: UNREADABLE };
}

const UNREADABLE: Failure = {
  code: "crashed",
  source: "gateway",
  retryable: false,
  message: "Cannot read the actor's answer: it is not of its protocol",
};
