/**
 * Store config: the schema pieces of `[store]`, and of the limits on client keys, which the
 * configuration imports; and what they mean for one key.
 * @module
 */
import * as z from "zod";
import type { Limits } from "./store.ts";

const perMinute = z.int().positive().max(1_000_000_000);
const usd = z.number().positive().max(1_000_000);

/** `[server.limits]`: what a client key may use where it does not say so itself. */
export const limitsSchema = z.strictObject({
  requests_per_minute: perMinute.optional(),
  /** Prompt and completion tokens of every upstream call together. */
  tokens_per_minute: perMinute.optional(),
  /** UTC days and months. */
  usd_per_day: usd.optional(),
  usd_per_month: usd.optional(),
});
export type LimitsConfig = z.infer<typeof limitsSchema>;

/** `[store]`: where limits and ledger are kept; without it, limits hold within one process. */
export const storeSchema = z.strictObject({
  url: z.string().regex(
    /^(sqlite:.+|rediss?:\/\/.+)$/,
    'must be "sqlite:PATH", "redis://HOST" or "rediss://HOST"',
  ),
  /**
   * While the store is away: let requests pass unchecked ("open"; what they used is written when it
   * is back), or refuse them with 503 ("closed", where a budget must hold whatever happens).
   */
  on_failure: z.enum(["open", "closed"]).default("open"),
  /** How long the ledger is kept, in days. */
  ledger_days: z.int().positive().max(36_500).default(400),
});
export type StoreConfig = z.infer<typeof storeSchema>;

/** The limits of one key: its own, and `[server.limits]` for each that it does not set. */
export function limitsOf(own: LimitsConfig, defaults: LimitsConfig = {}): Limits {
  const merged = { ...defaults, ...own };
  return {
    requestsPerMinute: merged.requests_per_minute,
    tokensPerMinute: merged.tokens_per_minute,
    usdPerDay: merged.usd_per_day,
    usdPerMonth: merged.usd_per_month,
  };
}
