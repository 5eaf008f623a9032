/**
 * Usage checks: what the gateway has counted is what its upstream has told it, call by call.
 *
 * A call's usage counts as told once the upstream has sent it. The gateway must have counted each
 * call that was told once, and no other call. One exception cannot be told apart from the outside:
 * what was sent, but not read any more, because the gateway hung up in that moment or its worker
 * died. Such a call has crossed a hang-up, and must have its reason: its answer broke off, or the
 * gateway itself says that it closed the ask, did without the answer, or lost the worker.
 * @module
 */
import { type BookedCall, timesCounted, TOKEN_KINDS } from "./call_book.ts";
import { MEMBERS } from "./chaos_config.ts";
import { type Check, check, unequal } from "./check.ts";
import type { Evidence } from "./evidence.ts";
import { metricSum } from "./metrics_text.ts";
import type { GatewayEnd } from "./witness.ts";

interface CallUse {
  readonly callsTold: number;
  readonly callsCrossed: number;
  /** In tokens of each kind, as the other two. */
  readonly told: number;
  readonly counted: number;
  readonly crossed: number;
  readonly problems: readonly string[];
}

export function usageChecks(evidence: Evidence): Check[] {
  const { book, ledger, metrics, totals } = evidence;
  const ids = new Set([...book.calls.keys(), ...ledger.rows.keys()]);
  const uses = [...ids].map((id) => useOf(id, evidence));
  const sum = (key: Exclude<keyof CallUse, "problems">) =>
    uses.reduce((total, use) => total + use[key], 0);
  const rows = [...ledger.rows.values()].flat();
  const perKind = TOKEN_KINDS.map((kind, at) =>
    [kind, rows.reduce((total, { tokens }) => total + tokens[at]!, 0)] as const
  );
  const lost = sum("told") - sum("crossed");
  return [
    check(
      "each call that was told is counted once, and no other",
      uses.flatMap(({ problems }) => problems),
      `${sum("callsTold")} calls were told, ${sum("callsCrossed")} of them crossed a hang-up`,
    ),
    check(
      "told − crossed = counted, in tokens",
      unequal({
        "told in all": [sum("told"), totals.reportedUsage.completion_tokens],
        "told − crossed": [lost, sum("counted")],
        ...Object.fromEntries(
          perKind.flatMap(([kind, total]) => [
            [`${kind} in the ledger`, [total, lost]],
            [`${kind} in the metrics`, [metricSum(metrics, "tutti_tokens_total", { kind }), lost]],
          ]),
        ),
      }),
      `${sum("told")} − ${sum("crossed")} = ${lost} of each kind`,
    ),
  ];
}

function useOf(id: string, { book, ledger, witness }: Evidence): CallUse {
  const made = book.calls.get(id) ?? [];
  const [row] = ledger.rows.get(id) ?? [];
  const tokens = row?.tokens ?? TOKEN_KINDS.map(() => 0);
  const counts = timesCounted(tokens[0]!);
  const [end] = witness.ends.get(id) ?? [];
  const crossed = made.filter((call, place) => call.told && !counts[place]);
  const sizeOf = (matches: (call: BookedCall, place: number) => boolean) =>
    made.reduce((sum, call, place) => matches(call, place) ? sum + 4 ** place : sum, 0);
  return {
    callsTold: made.filter(({ told }) => told).length,
    callsCrossed: crossed.length,
    told: sizeOf(({ told }) => told === true),
    counted: tokens[0]!,
    crossed: sizeOf((call) => crossed.includes(call)),
    problems: [
      ...(new Set(tokens).size > 1 ? [`${id}: ${tokens} are not the same`] : []),
      ...counts.flatMap((times, place) => {
        const call = made[place];
        if (times === 0 || (times === 1 && call?.told)) return [];
        return [`${id}: call ${place} (${shown(call)}) is counted ${times} times`];
      }),
      ...unexplained(crossed, { made, end }).map((call) => `${id}: ${shown(call)} is not counted`),
    ],
  };
}

/** Those of the crossed calls that have no reason. */
function unexplained(
  crossed: readonly BookedCall[],
  { made, end }: { readonly made: readonly BookedCall[]; readonly end: GatewayEnd | undefined },
): BookedCall[] {
  const hungUp = (end?.run?.asks ?? []).filter(({ status }) => HUNG_UP.includes(status))
    .map(({ model }) => model);
  return crossed.filter(({ endedAs }) => endedAs === "completed").filter((call) => {
    if (!MEMBERS.includes(call.model)) return !end?.lostWorker && !wentOn(call, { made, end });
    const at = hungUp.indexOf(call.model);
    if (at >= 0) hungUp.splice(at, 1);
    return at < 0;
  });
}

/** How an ask of a panel ends that the gateway has closed itself, or that died with its worker. */
const HUNG_UP = ["cancelled", "timeout", "crashed"];
/** How far apart a hang-up and an answer can be and still have crossed, on a machine at its limit. */
const CROSSING_MS = 400;

/** Whether the run did without the model's answer, and went on, or ended, as it came. */
function wentOn(
  { model, endedAt = 0 }: BookedCall,
  { made, end }: { readonly made: readonly BookedCall[]; readonly end: GatewayEnd | undefined },
): boolean {
  if (!end?.run) return false;
  const { outcome, scored } = end.run;
  const isUsed = model === "router" ? scored : USED[model]?.includes(outcome);
  const next = made.filter((call) => call.model !== model && call.at > endedAt)
    .map(({ at }) => at);
  return !isUsed && Math.min(end.at, ...next) - endedAt < CROSSING_MS;
}

/** What a run comes to that has used the answer of a model. */
const USED: Readonly<Record<string, readonly string[]>> = {
  judge: ["fused"],
  synth: ["fused", "no_judge"],
  solo: ["single"],
};

function shown(call: BookedCall | undefined): string {
  return call ? `${call.model}, ${call.fault}, ${call.endedAs}` : "none such";
}
