import assert from "node:assert/strict";
import { CallBudget } from "../../../src/health/call_budget.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function budget(share: number, minPerSecond: number) {
  const clock = new ManualClock();
  return { clock, budget: new CallBudget({ share, minPerSecond, now: () => clock.now() }) };
}

/** Spends until there is no room. */
function spendAll(budget: CallBudget): number {
  let spent = 0;
  for (; budget.hasRoom; spent++) budget.spend();
  return spent;
}

Deno.test("CallBudget grants its share of the calls of the last ten seconds", () => {
  const { budget: shared, clock } = budget(0.2, 0);
  assert.equal(spendAll(shared), 0);
  for (let call = 0; call < 100; call++) shared.called();
  assert.equal(spendAll(shared), 20);
  clock.advance(11_000);
  assert.equal(spendAll(shared), 0, "those calls are long ago");
});

Deno.test("CallBudget grants its floor where there are hardly any calls, and again after a while", () => {
  const { budget: floored, clock } = budget(0.2, 0.5);
  assert.equal(spendAll(floored), 5);
  clock.advance(11_000);
  assert.equal(spendAll(floored), 5);
});
