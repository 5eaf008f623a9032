import assert from "node:assert/strict";
import { addUsage, NO_USAGE, usageOf } from "../../../src/fusion/usage.ts";

Deno.test("usageOf() reads what an upstream reported", () => {
  assert.deepEqual(
    usageOf({
      prompt_tokens: 10,
      completion_tokens: 20,
      total_tokens: 30,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 5 },
    }),
    { promptTokens: 10, completionTokens: 20, cachedTokens: 4, reasoningTokens: 5 },
  );
});

Deno.test("usageOf() takes what was not reported as nothing", () => {
  for (const reported of [undefined, null, {}, { prompt_tokens: null }]) {
    assert.deepEqual(usageOf(reported), NO_USAGE);
  }
});

Deno.test("addUsage() adds each kind to its own", () => {
  const a = { promptTokens: 1, completionTokens: 2, cachedTokens: 3, reasoningTokens: 4 };
  const b = { promptTokens: 10, completionTokens: 20, cachedTokens: 30, reasoningTokens: 40 };
  assert.deepEqual(addUsage(a, b), {
    promptTokens: 11,
    completionTokens: 22,
    cachedTokens: 33,
    reasoningTokens: 44,
  });
});
