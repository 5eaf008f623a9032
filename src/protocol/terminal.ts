/**
 * Terminal: the one place that says how an ask ends. Each ask ends exactly once: answered, failed
 * (being cancelled is a failure), or `down`, which the monitor writes when the actor itself is gone.
 * @module
 */
import type { Failure } from "./failure.ts";
import type { DownReason } from "./lifecycle.ts";

export type Terminal<Answer, Partial> =
  | { readonly type: "answered"; readonly payload: Answer }
  | { readonly type: "failed"; readonly failure: Failure; readonly partial?: Partial }
  | { readonly type: "down"; readonly reason: DownReason };

/** The failure that a terminal other than an answer stands for. */
export function failureOf(
  terminal: Exclude<Terminal<unknown, unknown>, { type: "answered" }>,
): Failure {
  if (terminal.type === "failed") return terminal.failure;
  return {
    code: "crashed",
    source: "gateway",
    retryable: true,
    message: `Worker is gone: ${terminal.reason}`,
  };
}

/** What an ask has told beside its answer or failure; an actor that is gone has told nothing. */
export function spentOf<Spent>(terminal: Terminal<Spent, Spent>): Spent | undefined {
  switch (terminal.type) {
    case "answered":
      return terminal.payload;
    case "failed":
      return terminal.partial;
    case "down":
      return undefined;
    default:
      return terminal satisfies never;
  }
}
