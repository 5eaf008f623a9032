import assert from "node:assert/strict";
import {
  emptyAccount,
  held,
  limitState,
  refusal,
  released,
  spent,
} from "../../../src/store/account.ts";
import { reservationOf } from "../../../src/store/ledger_entry.ts";
import type { Limits } from "../../../src/store/store.ts";

const noon = Date.UTC(2026, 8, 22, 12);

function reservation(limits: Limits, worst: { tokens?: number; costUsd?: number } = {}) {
  return reservationOf({
    requestId: "r",
    key: "k",
    profile: "p",
    limits,
    tokens: worst.tokens ?? 0,
    costUsd: worst.costUsd ?? 0,
  }, { id: "1", startedAt: noon, startedTickMs: 0 });
}

Deno.test("refusal() lets in as many requests as the limit says, and the next when one is back", () => {
  const one = reservation({ requestsPerMinute: 3 });
  let account = emptyAccount;
  for (let i = 0; i < 3; i++) {
    assert.equal(refusal(account, one, noon), undefined);
    account = held(account, one, noon);
  }
  const refused = refusal(account, one, noon);
  assert.equal(refused?.limit, "requests");
  assert.equal(refused.retryAfterMs, 20_000);
  assert.deepEqual(refused.state.requests, { limit: 3, remaining: 0, resetMs: 60_000 });
  assert.notEqual(refusal(account, one, noon + 19_999), undefined);
  assert.equal(refusal(account, one, noon + 20_000), undefined);
});

Deno.test("refusal() counts tokens in flight at their worst case, however long they take", () => {
  const half = reservation({ tokensPerMinute: 1_000 }, { tokens: 600 });
  const account = held(emptyAccount, half, noon);
  const refused = refusal(account, half, noon);
  assert.equal(refused?.limit, "tokens");
  assert.equal(refused.state.tokens?.remaining, 400);
  assert.match(refused.message, /may use 600 tokens, and 400 of the key's 1000 a minute are left/);
  assert.notEqual(refusal(account, half, noon + 600_000), undefined);
});

Deno.test("refusal() lets in again what a settled request did not use", () => {
  const limits = { tokensPerMinute: 1_000 };
  const half = reservation(limits, { tokens: 600 });
  const account = spent(
    released(held(emptyAccount, half, noon), half),
    { promptTokens: 100, completionTokens: 200, nanoUsd: 0 },
    { limits, now: noon },
  );
  assert.equal(refusal(account, half, noon), undefined);
  assert.deepEqual(limitState(account, limits, noon).tokens, {
    limit: 1_000,
    remaining: 700,
    resetMs: 18_000,
  });
});

Deno.test("refusal() says so where a request alone is above the limit", () => {
  const tokens = refusal(emptyAccount, reservation({ tokensPerMinute: 10 }, { tokens: 11 }), noon);
  assert.deepEqual([tokens?.limit, tokens?.tooLarge], ["tokens", true]);
  const money = refusal(emptyAccount, reservation({ usdPerDay: 1 }, { costUsd: 1.01 }), noon);
  assert.deepEqual([money?.limit, money?.tooLarge], ["usd_day", true]);
  assert.match(money?.message ?? "", /may cost \$1\.01, more than the key's \$1\.00 a day/);
});

Deno.test("refusal() sends a spent budget to the next day or month, a held one back in a second", () => {
  const limits = { usdPerDay: 1, usdPerMonth: 1.5 };
  const costly = reservation(limits, { costUsd: 0.75 });
  const waiting = refusal(held(emptyAccount, costly, noon), costly, noon);
  assert.deepEqual([waiting?.limit, waiting?.retryAfterMs], ["usd_day", 1_000]);

  const used = { promptTokens: 0, completionTokens: 0, nanoUsd: 750_000_000 };
  const account = spent(emptyAccount, used, { limits, now: noon });
  const over = refusal(account, costly, noon);
  assert.deepEqual([over?.limit, over?.retryAfterMs], ["usd_day", 12 * 3_600_000]);

  const nextDay = { ...account, day: emptyAccount.day };
  const month = refusal(spent(nextDay, used, { limits, now: noon }), {
    ...costly,
    limits: { usdPerMonth: 1.5 },
  }, noon);
  assert.equal(month?.limit, "usd_month");
  assert.equal(month.retryAfterMs, Date.UTC(2026, 9, 1) - noon);
});

Deno.test("spent() may overfill: a request that used more than it claimed delays the next", () => {
  const limits = { tokensPerMinute: 60 };
  const account = spent(
    emptyAccount,
    { promptTokens: 120, completionTokens: 0, nanoUsd: 0 },
    { limits, now: noon },
  );
  const one = reservation(limits, { tokens: 1 });
  assert.equal(refusal(account, one, noon)?.retryAfterMs, 61_000);
  assert.equal(refusal(account, one, noon + 61_000), undefined);
});
