/**
 * Worker pool: warm actors of one role under one supervisor. An ask goes to the least busy one;
 * asks that share a {@link Spread} go to different actors while there are any left, so that one
 * crash costs a panel one answer.
 * @module
 */
import type { DownReason } from "../protocol/lifecycle.ts";
import type { ActorProtocol } from "./actor.ts";
import { ActorRef, type AskOptions, type Host } from "./actor_ref.ts";
import { unavailable } from "./ask_failures.ts";
import type { Clock } from "./clock.ts";
import { Supervisor } from "./supervisor.ts";

/** How many asks of one group each slot of the pool has taken. */
export type Spread = Map<number, number>;

export interface PoolOptions<Start> {
  readonly size: number;
  readonly spawn: (slot: number) => Host;
  readonly start: Start;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly maxRestarts: number;
  readonly restartWindowMs: number;
  /** `error` is the class and place of what it crashed with, where that is known. */
  readonly onDown?: (reason: DownReason, slot: number, error?: string) => void;
  readonly onRestart?: () => void;
}

export interface PoolAskOptions<Answer, Partial> extends AskOptions<Answer, Partial> {
  readonly spread?: Spread;
}

/** Cancels the ask; idempotent. */
export type CancelAsk = (reason: string) => void;

/** What can be seen of a pool by who does not ask it. */
export type PoolView = Pick<
  WorkerPool<unknown, unknown, unknown, unknown>,
  "role" | "readyCount" | "openAsks" | "available" | "lateReplies" | "crash"
>;

export class WorkerPool<Start, Ask, Answer, Partial> {
  readonly #slots: (ActorRef<Start, Ask, Answer, Partial> | undefined)[] = [];
  readonly #supervisor: Supervisor;
  /** Those who wait for the pool to be ready or empty; woken whenever either may be. */
  #waiters: (() => void)[] = [];
  #lateReplies = 0;

  constructor(
    readonly protocol: ActorProtocol<Start, Ask, Answer, Partial>,
    readonly options: PoolOptions<Start>,
  ) {
    this.#supervisor = new Supervisor({
      maxRestarts: options.maxRestarts,
      windowMs: options.restartWindowMs,
      clock: options.clock,
      startChild: (slot) => this.#startChild(slot),
      onRestart: options.onRestart,
      onGiveUp: () => this.#wake(),
    });
    this.#supervisor.start(options.size);
  }

  get role(): string {
    return this.protocol.role;
  }

  /** Actors that take asks now. */
  get readyCount(): number {
    return this.#slots.filter((ref) => ref?.state === "ready").length;
  }

  /** Asks that have no terminal yet. */
  get openAsks(): number {
    return this.#slots.reduce((sum, ref) => sum + (ref?.openAsks ?? 0), 0);
  }

  /** False when the role is beyond what restarting can mend, or the pool was stopped. */
  get available(): boolean {
    return this.#supervisor.state === "running";
  }

  /** Replies that came for asks that had ended, and were dropped. */
  get lateReplies(): number {
    return this.#lateReplies;
  }

  /** `id` must be new to the pool. Fails `unavailable` at once when nobody can take the ask. */
  ask(id: string, payload: Ask, options: PoolAskOptions<Answer, Partial>): CancelAsk {
    const { spread } = options;
    const slot = this.available ? this.#place(spread) : undefined;
    if (slot === undefined) {
      options.port?.close();
      options.onTerminal({ type: "failed", failure: unavailable(this.role) });
      return () => {};
    }
    spread?.set(slot, (spread.get(slot) ?? 0) + 1);
    const ref = this.#slots[slot]!;
    ref.ask(id, payload, options);
    return (reason) => ref.cancel(id, reason);
  }

  /** Resolves when every actor is ready, or will never be: given up, or stopped. */
  async ready(): Promise<void> {
    while (this.available && this.readyCount < this.options.size) await this.#change();
  }

  /** Lets every actor end in order; what has not gone by `killAt` is killed. */
  async stop(killAt: number): Promise<void> {
    this.#supervisor.stop();
    for (const ref of [...this.#slots]) ref?.stop();
    this.#wake();
    using _kill = this.options.clock.at(killAt, () => {
      for (const ref of this.#slots) ref?.kill();
    });
    while (this.#slots.some((ref) => ref !== undefined)) await this.#change();
  }

  /** Ends the actor in `slot` as a crash would. For tests of what a crash costs. */
  crash(slot: number): void {
    this.#slots[slot]?.kill();
  }

  /**
   * The slot for the next ask: a ready actor before one that is still starting, then the one with
   * the fewest asks of the same spread, then the one with the fewest asks.
   */
  #place(spread: Spread | undefined): number | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const ref = this.#slots[slot];
      if (!ref) continue;
      const load = (ref.state === "ready" ? 0 : 1e12) + (spread?.get(slot) ?? 0) * 1e6 +
        ref.openAsks;
      if (load < least) [best, least] = [slot, load];
    }
    return best;
  }

  #startChild(slot: number) {
    const { clock, heartbeatMs, onDown, spawn, start } = this.options;
    this.#slots[slot] = new ActorRef(this.protocol, spawn(slot), {
      start,
      clock,
      heartbeatMs,
      onReady: () => this.#wake(),
      onLateReply: () => this.#lateReplies++,
      onDown: (reason, error) => {
        this.#slots[slot] = undefined;
        if (reason !== null) {
          onDown?.(reason, slot, error);
          this.#supervisor.died(slot);
        }
        this.#wake();
      },
    });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake() {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
