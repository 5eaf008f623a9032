/**
 * Worker pool: warm actors of one role under one supervisor. An ask goes to the least busy one;
 * asks that share a {@link Spread} go to different actors while there are any left, so that one
 * crash costs a panel one answer.
 * @module
 */
import type { DownReason } from "../protocol/lifecycle.ts";
import type { ActorProtocol } from "./actor.ts";
import { ActorRef, type AskOptions, type Host } from "./actor_ref.ts";
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
  readonly onDown?: (reason: DownReason, slot: number) => void;
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
  "role" | "readyCount" | "openAsks" | "available" | "crash"
>;

export class WorkerPool<Start, Ask, Answer, Partial> {
  readonly #slots: (ActorRef<Start, Ask, Answer, Partial> | undefined)[] = [];
  readonly #supervisor: Supervisor;
  #readyWaiters: (() => void)[] = [];
  #goneWaiters: (() => void)[] = [];

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
      onGiveUp: () => this.#settle(this.#readyWaiters.splice(0)),
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

  /** False when the role is beyond what restarting can mend. */
  get available(): boolean {
    return this.#supervisor.state === "running";
  }

  ask(id: string, payload: Ask, options: PoolAskOptions<Answer, Partial>): CancelAsk {
    const slot = this.#place(options.spread);
    const ref = slot === undefined ? undefined : this.#slots[slot];
    if (slot === undefined || !ref) {
      options.onTerminal({
        type: "failed",
        failure: {
          code: "unavailable",
          source: "gateway",
          retryable: true,
          message: `Cannot ask: no ${this.role} worker is alive`,
        },
      });
      return () => {};
    }
    options.spread?.set(slot, (options.spread.get(slot) ?? 0) + 1);
    ref.ask(id, payload, options);
    return (reason) => ref.cancel(id, reason);
  }

  /** Resolves when every actor is ready, or the supervisor has given up. */
  async ready(): Promise<void> {
    while (this.available && this.readyCount < this.options.size) {
      await new Promise<void>((resolve) => this.#readyWaiters.push(resolve));
    }
  }

  /** Lets every actor end in order; what has not gone by `killAt` is killed. */
  async stop(killAt: number): Promise<void> {
    this.#supervisor.stop();
    const kill = this.options.clock.at(killAt, () => {
      for (const ref of this.#slots) ref?.kill();
    });
    for (const ref of [...this.#slots]) ref?.stop();
    while (this.#slots.some((ref) => ref !== undefined)) {
      await new Promise<void>((resolve) => this.#goneWaiters.push(resolve));
    }
    kill.clear();
  }

  /** Ends the actor in `slot` as a crash would. For tests of what a crash costs. */
  crash(slot: number): void {
    this.#slots[slot]?.kill();
  }

  #place(spread: Spread | undefined): number | undefined {
    let best: number | undefined;
    let bestShared = Infinity;
    let bestOpen = Infinity;
    for (const [slot, ref] of this.#slots.entries()) {
      if (!ref || ref.state === "stopping") continue;
      const shared = spread?.get(slot) ?? 0;
      // An actor that is still starting takes asks only when nobody else can.
      const open = ref.openAsks + (ref.state === "ready" ? 0 : 1e6);
      if (shared < bestShared || (shared === bestShared && open < bestOpen)) {
        [best, bestShared, bestOpen] = [slot, shared, open];
      }
    }
    return best;
  }

  #startChild(slot: number) {
    const { clock, heartbeatMs, onDown, spawn, start } = this.options;
    this.#slots[slot] = new ActorRef(this.protocol, spawn(slot), {
      start,
      clock,
      heartbeatMs,
      onReady: () => this.#settle(this.#readyWaiters.splice(0)),
      onDown: (reason) => {
        this.#slots[slot] = undefined;
        if (reason !== null) {
          onDown?.(reason, slot);
          this.#supervisor.died(slot);
        }
        this.#settle(this.#goneWaiters.splice(0));
      },
    });
  }

  #settle(waiters: (() => void)[]) {
    for (const resolve of waiters) resolve();
  }
}
