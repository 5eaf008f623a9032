/**
 * Admission: how many requests are served at once and how many upstream calls they may make, how
 * many may wait for a place, and how long.
 *
 * A permit is held until its holder disposes it; for a streamed answer that is the end of the body,
 * not of the handler. Who waits is served first come, first served: a small request does not slip
 * past a large one that waits for room. Who cannot wait is shed at
 * once, so that a full house costs a newcomer nothing but the news.
 * @module
 */
import type { Clock, Timer } from "./clock.ts";
import { Refused, type ShedReason } from "./refusal.ts";

export interface AdmissionLimits {
  readonly maxConcurrentRequests: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  /** Upstream calls that all requests together may have open; 0 or absent: as many as they like. */
  readonly maxUpstreamCalls?: number;
}

export interface AdmissionOptions {
  readonly clock: Clock;
  readonly onShed?: (reason: ShedReason) => void;
}

export interface EnterOptions {
  /** Aborts when the client leaves. */
  readonly signal?: AbortSignal;
  /** Upstream calls that the request may have open at once. Default 1. */
  readonly calls?: number;
  /** Epoch milliseconds after which a place is of no use to the request. */
  readonly deadlineAt?: number;
}

/** A place in the house. Disposing it gives it back; more than once does nothing. */
export type Permit = Disposable;

interface Waiter {
  readonly calls: number;
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
  #calls = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(limits: AdmissionLimits, options: AdmissionOptions) {
    this.#limits = limits;
    this.#clock = options.clock;
    this.#onShed = options.onShed ?? (() => {});
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Upstream calls that those who are served may have open. */
  get callsInUse(): number {
    return this.#calls;
  }

  get queueDepth(): number {
    return this.#waiting.size;
  }

  /** For who comes from now on; who is in or waits already is not turned out. */
  setLimits(limits: AdmissionLimits): void {
    this.#limits = limits;
    this.#admitWaiting();
  }

  /** Why a newcomer would be shed right now; undefined where it would be let in or may wait. */
  get closedBecause(): ShedReason | undefined {
    return this.#closedTo(1);
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
    // More than there is room for at all could never enter: alone it may.
    const calls = Math.min(options.calls ?? 1, this.#maxCalls);
    const reason = this.#closedTo(calls);
    if (reason !== undefined) throw this.#shed(reason);
    if (this.#mustWait(calls)) await this.#wait(calls, options);
    else this.#take(calls);
    return this.#permit(calls);
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

  #closedTo(calls: number): ShedReason | undefined {
    if (this.#drained !== undefined) return "shutting_down";
    const mayWait = this.#waiting.size < this.#limits.queueLimit;
    return this.#mustWait(calls) && !mayWait ? "queue_full" : undefined;
  }

  get #maxCalls(): number {
    return this.#limits.maxUpstreamCalls || Infinity;
  }

  #fits(calls: number): boolean {
    return this.#inFlight < this.#limits.maxConcurrentRequests &&
      this.#calls + calls <= this.#maxCalls;
  }

  #mustWait(calls: number): boolean {
    return this.#waiting.size > 0 || !this.#fits(calls);
  }

  #take(calls: number) {
    this.#inFlight++;
    this.#calls += calls;
  }

  #shed(reason: ShedReason): Refused {
    this.#onShed(reason);
    return new Refused({ type: "shed", reason, retryAfterMs: RETRY_AFTER_MS });
  }

  /** Resolves once a permit has been handed over: it is never free in between. */
  #wait(calls: number, { signal, deadlineAt = Infinity }: EnterOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(new Refused({ type: "client_left" }));
    const leave = () => waiter.refuse(new Refused({ type: "client_left" }));
    const settle = () => {
      this.#waiting.delete(waiter);
      timer.clear();
      signal?.removeEventListener("abort", leave);
    };
    const waiter: Waiter = {
      calls,
      admit: () => (settle(), this.#take(calls), resolve()),
      // Who stood behind it may fit where it did not.
      refuse: (refused) => (settle(), reject(refused), this.#admitWaiting()),
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

  #permit(calls: number): Permit {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#release(calls);
      },
    };
  }

  #release(calls: number) {
    this.#inFlight--;
    this.#calls -= calls;
    this.#admitWaiting();
    if (this.#inFlight === 0) this.#drained?.resolve();
  }

  /** From the queue's head, as long as there is room for who stands there. */
  #admitWaiting() {
    if (this.#drained) return;
    for (const waiter of this.#waiting) {
      if (!this.#fits(waiter.calls)) return;
      waiter.admit();
    }
  }
}
