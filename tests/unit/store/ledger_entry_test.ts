import assert from "node:assert/strict";
import { ledgerEntry, packed, reservationOf, unpacked } from "../../../src/store/ledger_entry.ts";
import type { Claim } from "../../../src/store/store.ts";

const claim: Claim = {
  requestId: "req-1",
  key: "team-a",
  profile: "default",
  limits: { tokensPerMinute: 100, usdPerDay: 1 },
  tokens: 41.2,
  costUsd: 0.25,
};
const begin = { id: "p-0", startedAt: Date.UTC(2026, 8, 22, 23, 59), startedTickMs: 500 };
const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 1, reasoningTokens: 1 };

Deno.test("reservationOf() holds only what the key is limited in", () => {
  const held = reservationOf(claim, begin);
  assert.deepEqual([held.heldTokens, held.heldNanoUsd], [42, 250_000_000]);
  const free = reservationOf({ ...claim, limits: { requestsPerMinute: 1 } }, begin);
  assert.deepEqual([free.heldTokens, free.heldNanoUsd], [0, 0]);
});

Deno.test("reservationOf() keeps a request id short and well-formed", () => {
  const { requestId } = reservationOf({ ...claim, requestId: "\ud800" + "x".repeat(500) }, begin);
  assert.ok(requestId.isWellFormed());
  assert.equal(requestId.length, 128);
});

Deno.test("ledgerEntry() counts the end from the start and the monotonic clock", () => {
  const reservation = reservationOf(claim, begin);
  const bill = { outcome: "fused", usageByModel: [] };
  assert.equal(ledgerEntry(reservation, bill, { tickMs: 2_500 }).endedAt, begin.startedAt + 2_000);
  assert.equal(ledgerEntry(reservation, bill, { tickMs: 0 }).endedAt, begin.startedAt);
});

Deno.test("ledgerEntry() sums what one model used in one stage, and everything", () => {
  const entry = ledgerEntry(reservationOf(claim, begin), {
    route: "fuse",
    outcome: "fused",
    usageByModel: [
      { stage: "panel", model: "m", usage, costUsd: 0.1 },
      { stage: "panel", model: "m", usage, costUsd: 0.2 },
      { stage: "judge", model: "m", usage, costUsd: 0 },
    ],
  }, { tickMs: 500 });
  assert.deepEqual(entry.spending.map((s) => [s.stage, s.promptTokens, s.nanoUsd]), [
    ["panel", 6, 300_000_000],
    ["judge", 3, 0],
  ]);
  assert.deepEqual(entry.total, {
    promptTokens: 9,
    completionTokens: 6,
    cachedTokens: 3,
    reasoningTokens: 3,
    nanoUsd: 300_000_000,
  });
  assert.deepEqual(packed(entry.spending).map(unpacked), entry.spending);
});
