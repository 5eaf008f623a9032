/**
 * Outcome checks: every request has exactly one end, at its client and at the gateway, and the two
 * agree; the metrics count the same.
 * @module
 */
import type { SentRequest } from "./chaos_client.ts";
import { type Check, check, unequal } from "./check.ts";
import type { ClientEnd } from "./client_end.ts";
import type { Evidence } from "./evidence.ts";
import { metricSum } from "./metrics_text.ts";
import type { GatewayEnd } from "./witness.ts";

export function outcomeChecks({ storm, witness, metrics, ledger }: Evidence): Check[] {
  const broken = storm.sent.flatMap(({ plan, end }) =>
    end.type === "broken" ? [`${plan.id}: ${end.why}`] : []
  );
  const disagreeing = storm.sent.flatMap((sent) =>
    disagreement(sent, witness.ends.get(sent.plan.id) ?? [])
  );
  const { finished, refused, errors } = witness;
  return [
    check(
      "each request ended once for its client",
      broken,
      `${storm.sent.length} sent: a whole answer, a clear error, or left`,
    ),
    check(
      "each request ended once at the gateway, in the same way",
      disagreeing,
      `${finished} runs finished, ${refused} requests refused`,
    ),
    check(
      "the metrics and the ledger count these ends",
      unequal({
        "runs in the metrics": [metricSum(metrics, "tutti_requests_total"), finished],
        "refused in the metrics": [metricSum(metrics, "tutti_refused_total"), refused],
        "runs in the ledger": [[...ledger.rows.values()].flat().length, finished],
        "left open in the ledger": [ledger.open, 0],
      }),
      `${finished} and ${refused}`,
    ),
    check("no fault of the gateway's own was logged", errors, "no line of level error"),
  ];
}

/** A client may have left before its request arrived; of any other there is exactly one end. */
function disagreement({ plan, end }: SentRequest, ends: readonly GatewayEnd[]): string[] {
  const [only, ...more] = ends;
  if (more.length > 0) return [`${plan.id} ended ${ends.length} times`];
  if (!only) return end.type === "left" ? [] : [`${plan.id} has no end`];
  return agree(end, only) ? [] : [`${plan.id}: ${end.type} at its client, ${shown(only)}`];
}

function agree(end: ClientEnd, { status, run }: GatewayEnd): boolean {
  switch (end.type) {
    case "answered":
      return status === 200 && run !== undefined && end.completionTokens === run.completionTokens;
    case "failed":
      return status === end.status;
    case "left":
    case "broken":
      return true;
    default:
      return end satisfies never;
  }
}

function shown({ status, run }: GatewayEnd): string {
  return `${status} ${run ? `${run.outcome}, ${run.completionTokens} tokens` : "refused"}`;
}
