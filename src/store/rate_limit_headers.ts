/**
 * Rate limit headers: what a client may still do, in the headers and the notation of OpenAI's API
 * (https://platform.openai.com/docs/guides/rate-limits, "Rate limits in headers").
 * @module
 */
import type { LimitState } from "./store.ts";

/** None where the key has no such limit. */
export function rateLimitHeaders(state: LimitState): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of ["requests", "tokens"] as const) {
    const gauge = state[name];
    if (gauge === undefined) continue;
    headers[`x-ratelimit-limit-${name}`] = String(gauge.limit);
    headers[`x-ratelimit-remaining-${name}`] = String(gauge.remaining);
    headers[`x-ratelimit-reset-${name}`] = duration(gauge.resetMs);
  }
  return headers;
}

/** Go's notation, to the millisecond: "0s", "17ms", "8.64s", "6m0s", "1h0m30s". */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole === 0) return "0s";
  if (whole < 1_000) return `${whole}ms`;
  const seconds = `${(whole % 60_000) / 1_000}s`;
  const minutes = Math.floor(whole / 60_000);
  if (minutes === 0) return seconds;
  return minutes < 60
    ? `${minutes}m${seconds}`
    : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
