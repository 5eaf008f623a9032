/**
 * Hosts: what the contract suite runs over, the echo actor on a channel in this thread and in a
 * real Web Worker, and an asker in front of it that writes down every terminal it is given.
 * @module
 */
import { ActorRef, type Host } from "../../src/runtime/actor_ref.ts";
import type { DownReason } from "../../src/protocol/lifecycle.ts";
import type { Terminal } from "../../src/protocol/terminal.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { spawnInThread, spawnWorker } from "../../src/runtime/spawn.ts";
import {
  ECHO_LIMITS,
  echoActor,
  type EchoAnswer,
  type EchoAsk,
  type EchoPartial,
  echoProtocol,
  type EchoStart,
} from "../support/echo_actor.ts";
import { FakeClock } from "../support/fake_clock.ts";

export type EchoTerminal = Terminal<EchoAnswer, EchoPartial>;

export const echoUrl = new URL("../support/echo_actor.ts", import.meta.url);

/** Both hosts, by the name that a test gives them. */
export const HOSTS: Readonly<Record<"in thread" | "in a worker", () => Host>> = {
  "in thread": () => spawnInThread(echoActor, ECHO_LIMITS),
  "in a worker": () => spawnWorker(echoUrl, { name: "echo", net: ["127.0.0.1:9"] }),
};

export interface EchoOptions {
  readonly start?: EchoStart;
  readonly clock?: Clock;
  readonly heartbeatMs?: number;
}

/** An actor under test. Disposing of it stops it, and waits until it is gone. */
export class Echo implements AsyncDisposable {
  /** Told when the actor is gone; more than one entry is a fault. */
  readonly downs: (DownReason | null)[] = [];
  /** Every terminal that was given, by ask; more than one for an ask is a fault. */
  readonly terminals = new Map<string, EchoTerminal[]>();
  readonly clock: FakeClock;
  readonly ref: ActorRef<EchoStart, EchoAsk, EchoAnswer, EchoPartial>;
  /** What the actor said that it crashed with. */
  error: string | undefined;
  lateReplies = 0;
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<DownReason | null>();
  #asks = 0;

  constructor(host: Host, options: EchoOptions = {}) {
    const { start = { greeting: "hello" }, clock, heartbeatMs = 1_000 } = options;
    this.clock = new FakeClock();
    this.ref = new ActorRef(echoProtocol, host, {
      start,
      clock: clock ?? this.clock,
      heartbeatMs,
      onReady: () => this.#ready.resolve(),
      onLateReply: () => this.lateReplies++,
      onDown: (reason, error) => {
        this.downs.push(reason);
        this.error = error;
        this.#gone.resolve(reason);
      },
    });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get gone(): Promise<DownReason | null> {
    return this.#gone.promise;
  }

  /** Asks; `id` names it for {@link cancel}, `ended` is its first terminal. */
  ask(payload: EchoAsk, port?: MessagePort): { id: string; ended: Promise<EchoTerminal> } {
    const id = `ask${++this.#asks}`;
    const seen: EchoTerminal[] = [];
    this.terminals.set(id, seen);
    const ended = new Promise<EchoTerminal>((resolve) => {
      this.ref.ask(id, payload, {
        deadlineAt: this.clock.now() + 60_000,
        ...(port ? { port } : {}),
        onTerminal: (terminal) => {
          seen.push(terminal);
          resolve(terminal);
        },
      });
    });
    return { id, ended };
  }

  /** The answer's value; fails when there is none. */
  async value(payload: EchoAsk): Promise<unknown> {
    const terminal = await this.ask(payload).ended;
    if (terminal.type !== "answered") throw new Error(JSON.stringify(terminal));
    return terminal.payload.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ref.state === "starting") await Promise.race([this.ready, this.gone]);
    this.ref.stop();
    await this.gone;
  }
}
