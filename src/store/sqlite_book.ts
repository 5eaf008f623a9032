/**
 * SQLite book: accounts, reservations and ledger entries in the tables of a store file. Each
 * function is a part of somebody's transaction.
 * @module
 */
import { type Account, emptyAccount, released } from "./account.ts";
import { monthOf } from "./budget_period.ts";
import { type LedgerEntry, lostEntry, packed } from "./ledger_entry.ts";
import type { Statements } from "./sqlite_statements.ts";
import type { Reservation } from "./store.ts";

type Owner = Pick<Reservation, "key" | "day" | "month">;
type Held = Owner & Pick<Reservation, "id" | "heldTokens" | "heldNanoUsd">;
type Row = Readonly<Record<string, number>>;

/** What the key has used, in the periods of the request at hand. */
export function loadAccount(sql: Statements, { key, day, month }: Owner): Account {
  const rate = sql.rate.get(key) as Row | undefined;
  const dayPurse = sql.purse.get(day, key) as Row | undefined;
  const monthPurse = sql.purse.get(month, key) as Row | undefined;
  return {
    requests: rate === undefined
      ? emptyAccount.requests
      : { level: rate.requests_level!, at: rate.requests_at! },
    tokens: rate === undefined
      ? emptyAccount.tokens
      : { level: rate.tokens_level!, at: rate.tokens_at! },
    heldTokens: rate?.held_tokens ?? 0,
    day: { spent: dayPurse?.spent ?? 0, held: dayPurse?.held ?? 0 },
    month: { spent: monthPurse?.spent ?? 0, held: monthPurse?.held ?? 0 },
  };
}

/** Writes only what changed. */
export function saveAccount(
  sql: Statements,
  { key, day, month }: Owner,
  { before, after }: { readonly before: Account; readonly after: Account },
): void {
  const { requests, tokens, heldTokens } = after;
  if (
    requests !== before.requests || tokens !== before.tokens || heldTokens !== before.heldTokens
  ) {
    sql.keepRate.run(key, requests.level, requests.at, tokens.level, tokens.at, heldTokens);
  }
  for (
    const [period, purse, old] of [
      [day, after.day, before.day],
      [month, after.month, before.month],
    ] as const
  ) {
    if (purse.spent === old.spent && purse.held === old.held) continue;
    sql.keepPurse.run(period, key, purse.spent, purse.held);
  }
}

/** Gives back what is held; nothing where that was done before. */
export function release(sql: Statements, reservation: Held): void {
  if (sql.endEntry.run(reservation.id).changes === 0) return;
  const before = loadAccount(sql, reservation);
  saveAccount(sql, reservation, { before, after: released(before, reservation) });
}

/** Whether the entry is new to the ledger, or was given up as lost. */
export function keepEntry(
  sql: Statements,
  entered: Pick<Reservation, "day" | "id" | "requestId" | "key" | "profile" | "startedAt">,
  { route, outcome, endedAt, total, spending }: LedgerEntry,
): boolean {
  const { day, id, requestId, key, profile, startedAt } = entered;
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens, nanoUsd } = total;
  const { changes } = sql.keepEntry.run(
    ...[day, id, requestId, key, profile, route, outcome, startedAt, endedAt],
    ...[promptTokens, completionTokens, cachedTokens, reasoningTokens, nanoUsd],
    JSON.stringify(packed(spending)),
  );
  return changes === 1;
}

/** Marks what a process left open as lost, and forgets the process. */
export function endProcess(sql: Statements, process: string): number {
  const rows = sql.reservationsOf.all(process);
  for (const row of rows) {
    const [id, key, day] = [String(row.id), String(row.key), String(row.day)];
    const [requestId, profile] = [String(row.request_id), String(row.profile)];
    const startedAt = Number(row.started_at);
    keepEntry(sql, { day, id, requestId, key, profile, startedAt }, lostEntry);
    const [heldTokens, heldNanoUsd] = [Number(row.held_tokens), Number(row.held_nano_usd)];
    release(sql, { id, key, day, month: monthOf(day), heldTokens, heldNanoUsd });
  }
  sql.endProcess.run(process);
  return rows.length;
}
