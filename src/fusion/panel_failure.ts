/**
 * Panel failure: what a panel without a quorum says of itself.
 * @module
 */
import type { Failure, FailureCode } from "../protocol/failure.ts";
import type { AskRecord } from "./course_state.ts";

/** What kept a panel from its quorum. */
export type QuorumMiss = "impossible" | "panel_timeout" | "deadline";

/** What says more than that a member failed: of the request, of the key, of how busy all are. */
const DECISIVE: ReadonlySet<FailureCode> = new Set([
  "http_400",
  "http_401",
  "http_403",
  "http_404",
  "http_429",
  "overloaded",
  "unavailable",
  "unsupported",
]);

/**
 * The failure that decided, where every member that had its say failed alike: their upstream's 400,
 * 401, 403, 404 or 429 then keeps its meaning, and so do a gateway without a free
 * worker and content that no member's model takes. Of several 429 the soonest `Retry-After` counts.
 */
export function decidingFailure(members: readonly AskRecord[]): Failure | undefined {
  // Those that were cancelled, because the quorum had become impossible, were not heard.
  const heard = members.filter(({ status }) => status !== "cancelled");
  const failures = heard.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (!first || failures.length < heard.length) return undefined;
  // Workers that died under the panel failed it as one, however each member learned of it.
  const isOurFault = failures.every(({ source }) => source === "gateway");
  if (isOurFault) return failures.find(({ code }) => DECISIVE.has(code));
  if (!DECISIVE.has(first.code)) return undefined;
  if (failures.some(({ code }) => code !== first.code)) return undefined;
  const waits = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return waits.length === 0 ? first : { ...first, retryAfterMs: Math.min(...waits) };
}

export function quorumMessage(
  { answered, minQuorum }: { readonly answered: number; readonly minQuorum: number },
  miss: QuorumMiss,
): string {
  const found = `Cannot reach quorum: ${answered} of ${minQuorum} members answered`;
  switch (miss) {
    case "impossible":
      return `${found} and the others failed`;
    case "panel_timeout":
      return `${found} before the panel's time was over`;
    case "deadline":
      return `${found} before the deadline`;
    default:
      return miss satisfies never;
  }
}
