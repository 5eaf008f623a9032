/**
 * Ledger entry: what is kept of a request, as whole numbers, from the claim at its begin and the
 * bill at its end. Pure: time and ids are passed in.
 * @module
 */
import type { Route, Stage } from "../fusion/outcome.ts";
import { dayOf, monthOf } from "./budget_period.ts";
import { nanoUsd, nanoUsdUp, tokenCount } from "./money.ts";
import type { Bill, Claim, Reservation } from "./store.ts";

/** Tokens and money, as whole numbers. */
export interface Spent {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  readonly nanoUsd: number;
}

/** What one model used in one stage. */
export interface Spending extends Spent {
  readonly stage: Stage;
  readonly model: string;
}

export interface LedgerEntry {
  readonly route: Route | null;
  readonly outcome: string;
  /** Epoch milliseconds, from the start and the monotonic duration: never before the start. */
  readonly endedAt: number | null;
  readonly total: Spent;
  /** The same by stage and model, each pair once. */
  readonly spending: readonly Spending[];
}

export const nothingSpent: Spent = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  nanoUsd: 0,
};

/** Of a request whose process died before it was settled: what it used is not known. */
export const lostEntry: LedgerEntry = {
  route: null,
  outcome: "lost",
  endedAt: null,
  total: nothingSpent,
  spending: [],
};

export function reservationOf(
  claim: Claim,
  begin: { readonly id: string; readonly startedAt: number; readonly startedTickMs: number },
): Reservation {
  const { requestId, key, profile, limits } = claim;
  const startedAt = Math.floor(begin.startedAt);
  const day = dayOf(startedAt);
  const isBudgeted = limits.usdPerDay !== undefined || limits.usdPerMonth !== undefined;
  return {
    id: begin.id,
    // A client may have chosen it: what is not text, Redis could not read back.
    requestId: requestId.slice(0, 128).toWellFormed(),
    key,
    profile,
    limits,
    startedAt,
    startedTickMs: begin.startedTickMs,
    day,
    month: monthOf(day),
    heldTokens: limits.tokensPerMinute === undefined ? 0 : tokenCount(claim.tokens),
    heldNanoUsd: isBudgeted ? nanoUsdUp(claim.costUsd) : 0,
  };
}

export function ledgerEntry(
  reservation: Reservation,
  bill: Bill,
  options: { readonly tickMs: number },
): LedgerEntry {
  const spending = new Map<string, Spending>();
  let total = nothingSpent;
  for (const { stage, model, usage, costUsd } of bill.usageByModel) {
    const spent = {
      promptTokens: tokenCount(usage.promptTokens),
      completionTokens: tokenCount(usage.completionTokens),
      cachedTokens: tokenCount(usage.cachedTokens),
      reasoningTokens: tokenCount(usage.reasoningTokens),
      nanoUsd: nanoUsd(costUsd),
    };
    total = plus(total, spent);
    const pair = `${stage} ${model}`;
    spending.set(pair, { stage, model, ...plus(spending.get(pair) ?? nothingSpent, spent) });
  }
  return {
    route: bill.route ?? null,
    outcome: bill.outcome,
    endedAt: reservation.startedAt +
      Math.max(0, Math.round(options.tickMs - reservation.startedTickMs)),
    total,
    spending: [...spending.values()],
  };
}

/** One Spending as the stores keep it: the five figures in the order of {@link Spent}. */
export type PackedSpending = readonly [
  stage: Stage,
  model: string,
  promptTokens: number,
  completionTokens: number,
  cachedTokens: number,
  reasoningTokens: number,
  nanoUsd: number,
];

export function packed(spending: readonly Spending[]): PackedSpending[] {
  return spending.map((s) => [
    s.stage,
    s.model,
    ...[s.promptTokens, s.completionTokens, s.cachedTokens, s.reasoningTokens, s.nanoUsd] as const,
  ]);
}

export function unpacked([stage, model, ...figures]: PackedSpending): Spending {
  const [promptTokens, completionTokens, cachedTokens, reasoningTokens, nanoUsd] = figures;
  return {
    stage,
    model,
    ...{ promptTokens, completionTokens, cachedTokens, reasoningTokens, nanoUsd },
  };
}

export function plus(a: Spent, b: Spent): Spent {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    nanoUsd: a.nanoUsd + b.nanoUsd,
  };
}
