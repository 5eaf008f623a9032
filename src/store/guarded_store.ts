/**
 * Guarded store: a backend as the door may rely on it. It decides what happens while the backend is
 * away ("open": requests pass unchecked; "closed": they are refused), keeps what ended meanwhile,
 * and writes it when the backend is back. Only the beat asks an absent backend, once a second, so
 * no request ever waits for one.
 * @module
 */
import type { Backend, StoreClock } from "./backend.ts";
import { failureReason } from "./failure_reason.ts";
import { type LedgerEntry, ledgerEntry, reservationOf } from "./ledger_entry.ts";
import type { Admission, Bill, Claim, Reservation, Store, StoreEvent } from "./store.ts";

export interface GuardOptions {
  readonly onFailure: "open" | "closed";
  readonly clock: StoreClock;
  /** Ids of this process's reservations; unique over processes and restarts. */
  readonly newId: () => string;
  readonly onEvent: (event: StoreEvent) => void;
  /** Calls `beat` over and over until the returned function is called. */
  readonly every: (beat: () => Promise<void>) => () => void;
  /** How many ended requests wait for an absent backend before the oldest is dropped. */
  readonly mostPending?: number;
}

/** What the backend has still to be told; an absent entry means release. */
interface Pending {
  readonly reservation: Reservation;
  readonly entry?: LedgerEntry;
}

/** Starts guarding: after the first beat, when the backend is known to be up or away. */
export async function guardedStore(backend: Backend, options: GuardOptions): Promise<Store> {
  const store = new GuardedStore(backend, options);
  await store.start();
  return store;
}

class GuardedStore implements Store {
  readonly #backend: Backend;
  readonly #options: Required<GuardOptions>;
  readonly #pending = new Map<string, Pending>();
  #awaySinceMs: number | undefined;
  #beating: Promise<void> | undefined;
  #stopBeats: () => void = () => {};

  constructor(backend: Backend, options: GuardOptions) {
    this.#backend = backend;
    this.#options = { mostPending: 10_000, ...options };
  }

  async start(): Promise<void> {
    await this.#beat();
    this.#stopBeats = this.#options.every(() => this.#beat());
  }

  get health(): "up" | "away" {
    return this.#awaySinceMs === undefined ? "up" : "away";
  }

  async reserve(claim: Claim): Promise<Admission> {
    const { clock, newId, onEvent, onFailure } = this.#options;
    const reservation = reservationOf(claim, {
      id: newId(),
      startedAt: clock.now(),
      startedTickMs: clock.tickMs(),
    });
    if (this.health === "up") {
      try {
        return await this.#backend.reserve(reservation);
      } catch (error) {
        this.#left(error);
        // It may have been done all the same, with only the answer lost.
        if (onFailure === "closed") this.#keep({ reservation });
      }
    }
    if (onFailure === "open") {
      onEvent({ type: "unchecked" });
      return { type: "admitted", reservation, state: {} };
    }
    onEvent({ type: "refused" });
    return {
      type: "unavailable",
      failure: {
        code: "unavailable",
        source: "gateway",
        retryable: true,
        message: "Cannot check the key's limits: the store does not answer",
        retryAfterMs: 1_000,
      },
    };
  }

  async settle(reservation: Reservation, bill: Bill): Promise<void> {
    const entry = ledgerEntry(reservation, bill, { tickMs: this.#options.clock.tickMs() });
    const pending = { reservation, entry };
    if (this.health === "away") return this.#keep(pending);
    try {
      await this.#write(pending);
    } catch (error) {
      this.#left(error);
      this.#keep(pending);
    }
  }

  async close(): Promise<void> {
    this.#stopBeats();
    await this.#beating;
    if (this.#pending.size > 0) await this.#beat();
    for (const { reservation, entry } of this.#pending.values()) {
      if (entry !== undefined) this.#dropped(reservation);
    }
    await this.#backend.close().catch(() => {});
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#beatOnce().finally(() => this.#beating = undefined);
    return this.#beating;
  }

  async #beatOnce(): Promise<void> {
    const { clock, onEvent } = this.#options;
    try {
      const { lost } = await this.#backend.beat();
      if (lost > 0) onEvent({ type: "lost", requests: lost });
      if (this.#pending.size > 0) await this.#writePending();
      if (this.#awaySinceMs !== undefined) {
        const awayMs = clock.tickMs() - this.#awaySinceMs;
        this.#awaySinceMs = undefined;
        onEvent({ type: "back", awayMs });
      }
    } catch (error) {
      this.#left(error);
    }
  }

  /** Writes what waits, the oldest first; throws at the first that fails, and keeps the rest. */
  async #writePending(): Promise<void> {
    for (const [id, pending] of this.#pending) {
      await this.#write(pending);
      this.#pending.delete(id);
    }
  }

  #write({ reservation, entry }: Pending): Promise<void> {
    return entry === undefined
      ? this.#backend.release(reservation)
      : this.#backend.settle(reservation, entry);
  }

  #keep(pending: Pending): void {
    this.#pending.set(pending.reservation.id, pending);
    if (this.#pending.size <= this.#options.mostPending) return;
    const oldest = this.#pending.values().next().value!;
    this.#pending.delete(oldest.reservation.id);
    if (oldest.entry !== undefined) this.#dropped(oldest.reservation);
  }

  #dropped({ requestId }: Reservation): void {
    this.#options.onEvent({ type: "dropped", requestId });
  }

  #left(error: unknown): void {
    if (this.#awaySinceMs !== undefined) return;
    this.#awaySinceMs = this.#options.clock.tickMs();
    this.#options.onEvent({ type: "away", reason: failureReason(error) });
  }
}
