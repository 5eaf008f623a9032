import assert from "node:assert/strict";
import { type BookedCall, CallBook } from "../../chaos/call_book.ts";
import type { Evidence } from "../../chaos/evidence.ts";
import { usageChecks } from "../../chaos/usage_checks.ts";
import { type RunEnd, Witness } from "../../chaos/witness.ts";

const CALL: BookedCall = {
  model: "a",
  fault: "none",
  at: 0,
  endedAt: 10,
  endedAs: "completed",
  told: true,
};

/** What the first check says of one request, by its calls and what was counted for it. */
function problem(
  calls: readonly Partial<BookedCall>[],
  counted: number,
  { endedAt = 20, ...run }: Partial<RunEnd> & { readonly endedAt?: number } = {},
): string | null {
  const book = new CallBook(1);
  book.calls.set("r", calls.map((call) => ({ ...CALL, ...call })));
  const witness = new Witness();
  witness.ends.set("r", [{
    status: 200,
    at: endedAt,
    lostWorker: false,
    run: { outcome: "fused", completionTokens: counted, scored: false, asks: [], ...run },
  }]);
  const rows = new Map([["r", [{ outcome: "fused", tokens: Array(4).fill(counted) }]]]);
  const evidence: Partial<Evidence> = {
    book,
    witness,
    ledger: { rows, open: 0 },
    metrics: "",
    totals: { reportedUsage: {} } as Evidence["totals"],
  };
  const [found] = usageChecks(evidence as Evidence);
  return found!.passed ? null : found!.detail;
}

Deno.test("usageChecks() wants each told call once, and no other", () => {
  assert.equal(problem([{}, {}, {}], 1 + 4 + 16), null);
  assert.match(problem([{}, {}], 4)!, /r: a, none, completed is not counted/);
  assert.match(problem([{}, {}], 1 + 4 + 4)!, /call 1 .* is counted 2 times/);
  assert.match(problem([{}, { told: false }], 1 + 4)!, /call 1 .* is counted 1 times/);
  assert.match(problem([{}], 1 + 4)!, /call 1 \(none such\)/);
});

Deno.test("usageChecks() lets a member's call go uncounted for each ask that was hung up on", () => {
  const cancelled = { model: "a", status: "cancelled" };
  assert.equal(problem([{}], 0, { asks: [cancelled] }), null);
  assert.notEqual(problem([{}], 0, { asks: [{ ...cancelled, model: "b" }] }), null);
  assert.notEqual(problem([{}, {}], 0, { asks: [cancelled] }), null);
  assert.equal(problem([{ endedAs: "cut" }], 0), null);
});

Deno.test("usageChecks() lets another's call go uncounted where the run went on without it then", () => {
  const judged = { model: "judge" };
  assert.equal(problem([judged], 0, { outcome: "no_judge" }), null);
  assert.notEqual(problem([judged], 0, { outcome: "fused" }), null);
  assert.notEqual(problem([judged], 0, { outcome: "no_judge", endedAt: 5_000 }), null);
});
