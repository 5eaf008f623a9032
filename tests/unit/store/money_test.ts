import assert from "node:assert/strict";
import { nanoUsd, nanoUsdUp, tokenCount } from "../../../src/store/money.ts";

Deno.test("nanoUsd() rounds a cost to the nearest, nanoUsdUp() never below it", () => {
  assert.equal(nanoUsd(0.0000000014), 1);
  assert.equal(nanoUsdUp(0.0000000011), 2);
  assert.equal(nanoUsdUp(0.5), 500_000_000);
});

Deno.test("nanoUsd() and tokenCount() make a countable figure of whatever is reported", () => {
  for (const reported of [NaN, Infinity, -Infinity, -1, 1e300, 0.5, 12]) {
    for (const figure of [nanoUsd(reported), nanoUsdUp(reported), tokenCount(reported)]) {
      assert.ok(Number.isSafeInteger(figure) && figure >= 0, `${reported} became ${figure}`);
    }
  }
});
