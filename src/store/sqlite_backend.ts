/**
 * SQLite backend: the store of one process, or of a few on one machine, in one file. The file is the
 * truth: every reservation and every settlement is one transaction of its own, some 30 µs long, so
 * nothing waits in memory, and a killed process loses nothing that it was told is kept.
 *
 * Needs Deno's read and write permission for the file; its -wal and -shm come with it.
 * @module
 */
import type { Backend, StoreClock } from "./backend.ts";
import { dayBefore } from "./budget_period.ts";
import type { LedgerEntry } from "./ledger_entry.ts";
import { ProcessWatch } from "./process_watch.ts";
import { endProcess, keepEntry, openEntry, reserve, settle } from "./sqlite_book.ts";
import { SqliteFile } from "./sqlite_file.ts";
import { sqliteUsage } from "./sqlite_usage.ts";
import type { Reservation } from "./store.ts";

export interface SqliteOptions {
  readonly clock: StoreClock;
  /** Unique over processes and restarts. */
  readonly processId: string;
  /** Entries are deleted this many days after their own. */
  readonly ledgerDays: number;
  readonly watch?: ProcessWatch;
}

/** A month's budget outlives the month whatever `ledgerDays` says. */
const leastPurseDays = 62;

export function sqliteBackend(path: string, options: SqliteOptions): Backend {
  return new SqliteBackend(path, options);
}

class SqliteBackend implements Backend {
  readonly #file: SqliteFile;
  readonly #options: SqliteOptions;
  readonly #watch: ProcessWatch;
  readonly #createdAt: number;
  readonly #createdTickMs: number;

  constructor(path: string, options: SqliteOptions) {
    this.#file = new SqliteFile(path);
    this.#options = options;
    this.#watch = options.watch ?? new ProcessWatch();
    this.#createdAt = options.clock.now();
    this.#createdTickMs = options.clock.tickMs();
  }

  // deno-lint-ignore require-await -- so that what SQLite throws becomes a rejection
  async reserve(reservation: Reservation) {
    const now = Math.floor(this.#options.clock.now());
    return this.#file.transact((sql) => {
      const answer = reserve(sql, reservation, now);
      if (answer.type === "admitted") openEntry(sql, reservation, this.#options.processId);
      return answer;
    });
  }

  // deno-lint-ignore require-await
  async settle(reservation: Reservation, entry: LedgerEntry) {
    const now = Math.floor(this.#options.clock.now());
    this.#file.transact((sql) => {
      const wasOpen = sql.endEntry.run(reservation.id).changes === 1;
      const isNew = keepEntry(sql, reservation, entry);
      if (!wasOpen && !isNew) return;
      settle(sql, reservation, {
        wasHeld: wasOpen,
        ...(isNew && { used: { total: entry.total, now } }),
      });
    });
  }

  // deno-lint-ignore require-await
  async release(reservation: Reservation) {
    this.#file.transact((sql) => {
      const wasOpen = sql.endEntry.run(reservation.id).changes === 1;
      if (wasOpen) settle(sql, reservation, { wasHeld: true });
    });
  }

  // deno-lint-ignore require-await
  async beat() {
    const { processId, ledgerDays } = this.#options;
    return this.#file.transact((sql) => {
      sql.beat.run(processId);
      const counters = sql.beats.all().map((row) => [String(row.id), Number(row.beat)] as const);
      const dead = new Set([
        ...this.#file.takeFoundDead(),
        ...this.#watch.dead(counters, processId),
      ]);
      let lost = 0;
      for (const id of dead) lost += endProcess(sql, id);

      sql.forgetEntries.run(this.#dayBefore(ledgerDays));
      sql.forgetPurses.run(this.#dayBefore(Math.max(ledgerDays, leastPurseDays)));
      return { lost };
    });
  }

  // deno-lint-ignore require-await
  async usage(query: Parameters<Backend["usage"]>[0]) {
    return sqliteUsage(this.#file.db, query);
  }

  // deno-lint-ignore require-await
  async close() {
    try {
      this.#file.transact((sql) => endProcess(sql, this.#options.processId));
    } finally {
      this.#file.close();
    }
  }

  /** By the clock as it was at the start: one that is set forward later must delete nothing. */
  #dayBefore(days: number): string {
    const elapsedMs = this.#options.clock.tickMs() - this.#createdTickMs;
    return dayBefore(this.#createdAt + elapsedMs, days);
  }
}
