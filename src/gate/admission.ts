/**
 * Admission: how many requests are served at once, how many may wait for a place, and how long.
 *
 * A permit is held until its holder disposes it; for a streamed answer that is the end of the body,
 * not of the handler. Who waits is served first come, first served. Who cannot wait is shed at
 * once, so that a full house costs a newcomer nothing but the news.
 * @module
 */
import type { Clock, Timer } from "./clock.ts";
import { Refused, type ShedReason } from "./refusal.ts";

export interface AdmissionLimits {
  readonly maxConcurrentRequests: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
}

export interface AdmissionOptions {
  readonly clock: Clock;
  readonly onShed?: (reason: ShedReason) => void;
}

export interface EnterOptions {
  /** Aborts when the client leaves. */
  readonly signal?: AbortSignal;
  /** Epoch milliseconds after which a place is of no use to the request. */
  readonly deadlineAt?: number;
}

/** A place in the house. Disposing it gives it back; more than once does nothing. */
export type Permit = Disposable;

interface Waiter {
  admit(): void;
  refuse(refused: Refused): void;
}

/** What a client is told to wait before it tries again. */
const RETRY_AFTER_MS = 1_000;

export class Admission {
  #limits: AdmissionLimits;
  readonly #clock: Clock;
  readonly #onShed: (reason: ShedReason) => void;
  /** In order of arrival; a Set, so that one who leaves is forgotten at once. */
  readonly #waiting = new Set<Waiter>();
  #inFlight = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(limits: AdmissionLimits, options: AdmissionOptions) {
    this.#limits = limits;
    this.#clock = options.clock;
    this.#onShed = options.onShed ?? (() => {});
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queueDepth(): number {
    return this.#waiting.size;
  }

  /** For who comes from now on; who is in or waits already is not turned out. */
  setLimits(limits: AdmissionLimits): void {
    this.#limits = limits;
    while (!this.#isFull() && this.#waiting.size > 0) {
      this.#inFlight++;
      this.#waiting.values().next().value?.admit();
    }
  }

  /** Why a newcomer would be shed right now; undefined where it would be let in or may wait. */
  get closedBecause(): ShedReason | undefined {
    if (this.#drained !== undefined) return "shutting_down";
    return this.#isFull() && this.#waiting.size >= this.#limits.queueLimit
      ? "queue_full"
      : undefined;
  }

  /**
   * Sheds a newcomer that has no chance, before anything is spent on it.
   * @throws {Refused} `shed`
   */
  ensureOpen(): void {
    const reason = this.closedBecause;
    if (reason !== undefined) throw this.#shed(reason);
  }

  /**
   * Resolves with a permit, as soon as there is one.
   * @throws {Refused} `shed`, `deadline_exceeded` or `client_left`
   */
  async enter(options: EnterOptions = {}): Promise<Permit> {
    this.ensureOpen();
    // A permit that comes free goes to the queue's first, so whoever finds a free one is alone.
    if (this.#isFull()) await this.#wait(options);
    else this.#inFlight++;
    return this.#permit();
  }

  /** Lets nobody in any more, sheds who waits, and resolves when every permit is back. */
  drain(): Promise<void> {
    if (this.#drained === undefined) {
      this.#drained = Promise.withResolvers();
      for (const waiter of this.#waiting) waiter.refuse(this.#shed("shutting_down"));
      if (this.#inFlight === 0) this.#drained.resolve();
    }
    return this.#drained.promise;
  }

  #isFull(): boolean {
    return this.#inFlight >= this.#limits.maxConcurrentRequests;
  }

  #shed(reason: ShedReason): Refused {
    this.#onShed(reason);
    return new Refused({ type: "shed", reason, retryAfterMs: RETRY_AFTER_MS });
  }

  /** Resolves once a permit has been handed over: it is never free in between. */
  #wait({ signal, deadlineAt = Infinity }: EnterOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(new Refused({ type: "client_left" }));
    const leave = () => waiter.refuse(new Refused({ type: "client_left" }));
    const settle = () => {
      this.#waiting.delete(waiter);
      timer.clear();
      signal?.removeEventListener("abort", leave);
    };
    const waiter: Waiter = {
      admit: () => (settle(), resolve()),
      refuse: (refused) => (settle(), reject(refused)),
    };
    const timeoutAt = this.#clock.now() + this.#limits.queueTimeoutMs;
    const timer: Timer = this.#clock.at(Math.min(timeoutAt, deadlineAt), () => {
      const late = deadlineAt < timeoutAt;
      waiter.refuse(
        late ? new Refused({ type: "deadline_exceeded" }) : this.#shed("queue_timeout"),
      );
    });
    signal?.addEventListener("abort", leave, { once: true });
    this.#waiting.add(waiter);
    return promise;
  }

  #permit(): Permit {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#release();
      },
    };
  }

  #release(): void {
    const next = this.#waiting.values().next().value;
    const isOver = this.#inFlight > this.#limits.maxConcurrentRequests;
    if (next !== undefined && !isOver) return next.admit();
    this.#inFlight--;
    if (this.#inFlight === 0) this.#drained?.resolve();
  }
}
