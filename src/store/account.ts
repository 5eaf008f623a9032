/**
 * Account: what one client key has used and what is held for its requests in flight. Pure: the
 * rules of the limits, for every backend; in Redis the same rules run again as a script
 * (redis_scripts.ts), and a test compares the two.
 *
 * A rate counts what was used, from the moment it was used: a request at its admission, its tokens
 * at its settlement. Until then the worst case is held and does not drain, so two requests can
 * never both pass on the same remainder.
 * @module
 */
import { type Bucket, drained, drainMs, emptyBucket, filled, unitLevel } from "./bucket.ts";
import { untilNextMonthMs, untilTomorrowMs } from "./budget_period.ts";
import type { Spent } from "./ledger_entry.ts";
import { budgetNanoUsd, sum, usdOf } from "./money.ts";
import type { Gauge, LimitName, Limits, LimitState, Refused, Reservation } from "./store.ts";

/** One period's budget: nano-dollars. */
export interface Purse {
  readonly spent: number;
  readonly held: number;
}

export interface Rate {
  readonly requests: Bucket;
  readonly tokens: Bucket;
  readonly heldTokens: number;
}

export interface Account extends Rate {
  /** Of the day and of the month of the request at hand. */
  readonly day: Purse;
  readonly month: Purse;
}

export const emptyPurse: Purse = { spent: 0, held: 0 };

export const emptyAccount: Account = {
  requests: emptyBucket,
  tokens: emptyBucket,
  heldTokens: 0,
  day: emptyPurse,
  month: emptyPurse,
};

/** How long to wait where only requests in flight stand in the way: they may settle any moment. */
const soonMs = 1_000;

/** Why the reservation does not fit, or undefined. */
export function refusal(
  account: Account,
  reservation: Reservation,
  now: number,
): Refused | undefined {
  const { limits, heldTokens, heldNanoUsd } = reservation;
  const state = limitState(account, limits, now);
  const refuse = (limit: LimitName, retryAfterMs: number, message: string, tooLarge = false) =>
    ({ type: "refused", limit, retryAfterMs, tooLarge, message, state }) as const;

  if (limits.requestsPerMinute !== undefined) {
    const perMinute = limits.requestsPerMinute;
    const { level } = filled(drained(account.requests, now, perMinute), 1);
    const over = level - perMinute * unitLevel;
    if (over > 0) {
      return refuse(
        "requests",
        drainMs(over, perMinute),
        `Cannot admit the request: the key's ${perMinute} requests a minute are used up`,
      );
    }
  }
  if (limits.tokensPerMinute !== undefined) {
    const perMinute = limits.tokensPerMinute;
    const { level } = filled(drained(account.tokens, now, perMinute), account.heldTokens);
    const over = level + heldTokens * unitLevel - perMinute * unitLevel;
    if (over > 0) {
      const tooLarge = heldTokens > perMinute;
      return refuse(
        "tokens",
        drainMs(over, perMinute),
        `Cannot admit the request: it may use ${heldTokens} tokens, ` +
          (tooLarge
            ? `more than the key's ${perMinute} a minute`
            : `and ${state.tokens?.remaining ?? 0} of the key's ${perMinute} a minute are left`),
        tooLarge,
      );
    }
  }
  const budgets = [
    ["usd_day", limits.usdPerDay, account.day, "a day", untilTomorrowMs],
    ["usd_month", limits.usdPerMonth, account.month, "a month", untilNextMonthMs],
  ] as const;
  for (const [name, usd, purse, period, untilOverMs] of budgets) {
    if (usd === undefined) continue;
    const limit = budgetNanoUsd(usd);
    const free = limit - purse.spent - purse.held;
    if (heldNanoUsd <= free) continue;
    const tooLarge = heldNanoUsd > limit;
    return refuse(
      name,
      purse.spent + heldNanoUsd <= limit ? Math.min(soonMs, untilOverMs(now)) : untilOverMs(now),
      `Cannot admit the request: it may cost ${dollars(heldNanoUsd)}, ` +
        (tooLarge
          ? `more than the key's ${dollars(limit)} ${period}`
          : `and ${dollars(Math.max(0, free))} of the key's ${dollars(limit)} ${period} are left`),
      tooLarge,
    );
  }
  return undefined;
}

/** The account with the reservation held in it. */
export function held(account: Account, reservation: Reservation, now: number): Account {
  const { requestsPerMinute } = reservation.limits;
  return {
    ...account,
    requests: requestsPerMinute === undefined
      ? account.requests
      : filled(drained(account.requests, now, requestsPerMinute), 1),
    heldTokens: sum(account.heldTokens, reservation.heldTokens),
    day: { ...account.day, held: sum(account.day.held, reservation.heldNanoUsd) },
    month: { ...account.month, held: sum(account.month.held, reservation.heldNanoUsd) },
  };
}

/** The account without what was held for a reservation. */
export function released(
  account: Account,
  reservation: Pick<Reservation, "heldTokens" | "heldNanoUsd">,
): Account {
  const { heldTokens, heldNanoUsd } = reservation;
  return {
    ...account,
    heldTokens: Math.max(0, account.heldTokens - heldTokens),
    day: { ...account.day, held: Math.max(0, account.day.held - heldNanoUsd) },
    month: { ...account.month, held: Math.max(0, account.month.held - heldNanoUsd) },
  };
}

/** The account with what was really used. */
export function spent(
  account: Account,
  used: Pick<Spent, "promptTokens" | "completionTokens" | "nanoUsd">,
  options: { readonly limits: Limits; readonly now: number },
): Account {
  const { tokensPerMinute } = options.limits;
  const tokens = used.promptTokens + used.completionTokens;
  return {
    ...account,
    tokens: tokensPerMinute === undefined
      ? account.tokens
      : filled(drained(account.tokens, options.now, tokensPerMinute), tokens),
    day: { ...account.day, spent: sum(account.day.spent, used.nanoUsd) },
    month: { ...account.month, spent: sum(account.month.spent, used.nanoUsd) },
  };
}

/** How full the key's rates are, as OpenAI's headers tell it. */
export function limitState(account: Account, limits: Limits, now: number): LimitState {
  const gauge = (bucket: Bucket, perMinute: number): Gauge => {
    const { level } = bucket;
    return {
      limit: perMinute,
      remaining: Math.max(0, Math.floor((perMinute * unitLevel - level) / unitLevel)),
      resetMs: drainMs(level, perMinute),
    };
  };
  const { requestsPerMinute: requests, tokensPerMinute: tokens } = limits;
  return {
    ...(requests !== undefined &&
      { requests: gauge(drained(account.requests, now, requests), requests) }),
    ...(tokens !== undefined &&
      { tokens: gauge(filled(drained(account.tokens, now, tokens), account.heldTokens), tokens) }),
  };
}

function dollars(nano: number): string {
  const usd = usdOf(nano);
  return usd >= 0.01 ? `$${usd.toFixed(2)}` : `$${usd.toFixed(6)}`;
}
