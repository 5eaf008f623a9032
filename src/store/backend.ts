/**
 * Backend: where the counts are kept. A backend throws when it cannot do what it is asked; what
 * then happens to the request is decided in one place for all of them (guarded_store.ts). Types only.
 * @module
 */
import type { LedgerEntry } from "./ledger_entry.ts";
import type { Admission, Reservation } from "./store.ts";
import type { UsageQuery, UsageRow } from "./usage_query.ts";

/** Wall clock for what is kept, monotonic clock for durations, both in milliseconds. */
export interface StoreClock {
  now(): number;
  tickMs(): number;
}

/** The part of a backend that `tutti usage` reads. */
export interface Ledger {
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
  close(): Promise<void>;
}

export interface Backend extends Ledger {
  /** Holds the reservation and opens its entry, or tells why not. */
  reserve(reservation: Reservation): Promise<Exclude<Admission, { type: "unavailable" }>>;
  /**
   * Releases what was held and keeps the entry. Idempotent by the reservation's id, and complete in
   * itself: it also keeps an entry that was never begun here, or that was given up as lost.
   */
  settle(reservation: Reservation, entry: LedgerEntry): Promise<void>;
  /** Undoes a reservation whose answer never came. Leaves no entry. */
  release(reservation: Reservation): Promise<void>;
  /**
   * To be called about every second: shows that this process lives and that the store answers,
   * marks the entries of dead processes as lost, and deletes what has been kept long enough.
   */
  beat(): Promise<{ readonly lost: number }>;
}
