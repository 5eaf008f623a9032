/**
 * SQLite book: accounts, reservations and ledger entries in the tables of a store file. Each
 * function is a part of somebody's transaction.
 * @module
 */
import { type Account, emptyAccount, emptyPurse, held, limitState } from "./account.ts";
import { type Purse, type Rate, refusal, released, spent } from "./account.ts";
import { monthOf } from "./budget_period.ts";
import { type LedgerEntry, lostEntry, packed, type Spent } from "./ledger_entry.ts";
import type { Statements } from "./sqlite_statements.ts";
import type { Limits, Reservation } from "./store.ts";

type Held = Pick<Reservation, "id" | "key" | "day" | "month" | "heldTokens" | "heldNanoUsd">;
type Row = Readonly<Record<string, number>>;

/** Holds the reservation, or tells why not. Reads and writes only what the key is limited in. */
export function reserve(sql: Statements, reservation: Reservation, now: number) {
  const { key, day, month, limits } = reservation;
  const hasRate = limits.requestsPerMinute !== undefined || limits.tokensPerMinute !== undefined;
  const hasBudget = limits.usdPerDay !== undefined || limits.usdPerMonth !== undefined;
  const account: Account = {
    ...(hasRate ? loadRate(sql, key) : emptyAccount),
    day: hasBudget ? loadPurse(sql, day, key) : emptyPurse,
    month: hasBudget ? loadPurse(sql, month, key) : emptyPurse,
  };
  const refused = refusal(account, reservation, now);
  if (refused !== undefined) return refused;
  const after = held(account, reservation, now);
  if (hasRate) keepRate(sql, key, after);
  if (hasBudget) {
    sql.keepPurse.run(day, key, after.day.spent, after.day.held);
    sql.keepPurse.run(month, key, after.month.spent, after.month.held);
  }
  return { type: "admitted", reservation, state: limitState(after, limits, now) } as const;
}

/** Gives back what is held, and counts what was used, which may be nothing. */
export function settle(
  sql: Statements,
  reservation: Held & { readonly limits?: Limits },
  { wasHeld, used }: {
    readonly wasHeld: boolean;
    readonly used?: { readonly total: Spent; readonly now: number };
  },
): void {
  const { key, day, month, limits = {}, heldTokens, heldNanoUsd } = reservation;
  const [spentNow, freed] = [used?.total.nanoUsd ?? 0, wasHeld ? heldNanoUsd : 0];
  if (spentNow > 0 || freed > 0) sql.movePurses.run(day, month, key, spentNow, freed);
  if (limits.tokensPerMinute === undefined && heldTokens === 0) return;
  let account: Account = { ...emptyAccount, ...loadRate(sql, key) };
  if (wasHeld) account = released(account, reservation);
  if (used !== undefined) account = spent(account, used.total, { limits, now: used.now });
  keepRate(sql, key, account);
}

function loadRate(sql: Statements, key: string): Rate {
  const row = sql.rate.get(key) as Row | undefined;
  if (row === undefined) return emptyAccount;
  return {
    requests: { level: row.requests_level!, at: row.requests_at! },
    tokens: { level: row.tokens_level!, at: row.tokens_at! },
    heldTokens: row.held_tokens!,
  };
}

function keepRate(sql: Statements, key: string, { requests, tokens, heldTokens }: Rate): void {
  sql.keepRate.run(key, requests.level, requests.at, tokens.level, tokens.at, heldTokens);
}

function loadPurse(sql: Statements, period: string, key: string): Purse {
  return (sql.purse.get(period, key) as Purse | undefined) ?? emptyPurse;
}

export function openEntry(sql: Statements, reservation: Reservation, process: string): void {
  const { id, requestId, key, profile, day, startedAt, heldTokens, heldNanoUsd } = reservation;
  sql.openEntry.run(
    ...[id, process, requestId, key, profile, day],
    ...[startedAt, heldTokens, heldNanoUsd],
  );
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
    sql.endEntry.run(id);
    const reservation = { id, key, day, month: monthOf(day), heldTokens, heldNanoUsd };
    settle(sql, reservation, { wasHeld: true });
  }
  sql.endProcess.run(process);
  return rows.length;
}
