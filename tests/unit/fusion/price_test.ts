import assert from "node:assert/strict";
import { costUsd } from "../../../src/fusion/price.ts";

const USAGE = {
  promptTokens: 1_000_000,
  completionTokens: 200_000,
  cachedTokens: 400_000,
  reasoningTokens: 100_000,
};
const PRICE = { model: "m", inputPerMtok: 2, outputPerMtok: 10 };

Deno.test("costUsd() is nothing for a model without a price", () => {
  assert.equal(costUsd(USAGE, undefined), 0);
});

Deno.test("costUsd() counts cached tokens as input where they have no price of their own", () => {
  assert.equal(costUsd(USAGE, PRICE), 2 + 2);
});

Deno.test("costUsd() counts cached tokens at their own price", () => {
  assert.equal(costUsd(USAGE, { ...PRICE, cachedInputPerMtok: 0.5 }), 1.2 + 0.2 + 2);
  assert.equal(costUsd(USAGE, { ...PRICE, cachedInputPerMtok: 0 }), 1.2 + 2);
});

Deno.test("costUsd() counts reasoning tokens once: they are output tokens", () => {
  assert.equal(costUsd({ ...USAGE, promptTokens: 0, cachedTokens: 0 }, PRICE), 2);
});

Deno.test("costUsd() never takes more tokens for cached than there were", () => {
  const odd = { ...USAGE, promptTokens: 100_000 };
  assert.equal(costUsd(odd, { ...PRICE, cachedInputPerMtok: 1 }), 0.1 + 2);
});
