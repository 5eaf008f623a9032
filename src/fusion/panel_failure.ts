/**
 * Panel failure: what a panel without a quorum says of itself.
 * @module
 */
import type { Failure } from "../protocol/failure.ts";
import type { AskRecord } from "./course_state.ts";

/**
 * The failure that decided, where every member failed alike: their upstream's 400, 401, 403, 404 or
 * 429 then keeps its meaning. Of several 429 the soonest `Retry-After` counts.
 */
export function decidingFailure(members: readonly AskRecord[]): Failure | undefined {
  const failures = members.map((each) => each.failure);
  const [first] = failures;
  if (!first?.status || first.status >= 500) return undefined;
  if (!failures.every((each) => each?.status === first.status)) return undefined;
  const waits = failures.flatMap((each) => each?.retryAfterMs ?? []);
  return waits.length === 0 ? first : { ...first, retryAfterMs: Math.min(...waits) };
}

export function quorumMessage(
  answered: number,
  minQuorum: number,
  why: "impossible" | "panel_timeout" | "deadline",
): string {
  const found = `Cannot reach quorum: ${answered} of ${minQuorum} members answered`;
  switch (why) {
    case "impossible":
      return `${found} and the others failed`;
    case "panel_timeout":
      return `${found} before the panel's time was over`;
    case "deadline":
      return `${found} before the deadline`;
    default:
      return why satisfies never;
  }
}
