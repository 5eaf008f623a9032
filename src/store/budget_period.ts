/**
 * Budget period: the calendar day and month, in UTC, that a request is counted in. A request
 * belongs to the day in which it was admitted, whatever day it ends in: its worst case was held
 * against that day's budget.
 * @module
 */

const dayMs = 86_400_000;

/** "2026-09-22" */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** "2026-09" of "2026-09-22" */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** Milliseconds from `now` to the next UTC midnight. */
export function untilTomorrowMs(now: number): number {
  return (Math.floor(now / dayMs) + 1) * dayMs - now;
}

/** Milliseconds from `now` to the first midnight of the next UTC month. */
export function untilNextMonthMs(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - now;
}

/** The day `days` before `at`. */
export function dayBefore(at: number, days: number): string {
  return dayOf(at - days * dayMs);
}
