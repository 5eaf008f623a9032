import assert from "node:assert/strict";
import { duration, rateLimitHeaders } from "../../../src/store/rate_limit_headers.ts";

Deno.test("duration() writes as OpenAI's API does", () => {
  const written: [number, string][] = [
    [0, "0s"],
    [17, "17ms"],
    [1_000, "1s"],
    [8_640, "8.64s"],
    [60_000, "1m0s"],
    [360_000, "6m0s"],
    [3_630_000, "1h0m30s"],
    [86_399_999, "23h59m59.999s"],
  ];
  for (const [ms, text] of written) assert.equal(duration(ms), text);
});

Deno.test("rateLimitHeaders() names the limits that the key has, and no other", () => {
  assert.deepEqual(
    rateLimitHeaders({ requests: { limit: 60, remaining: 59, resetMs: 1_000 } }),
    {
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "1s",
    },
  );
  assert.deepEqual(
    Object.keys(
      rateLimitHeaders({ tokens: { limit: 150_000, remaining: 149_984, resetMs: 7 } }),
    ),
    [
      "x-ratelimit-limit-tokens",
      "x-ratelimit-remaining-tokens",
      "x-ratelimit-reset-tokens",
    ],
  );
  assert.deepEqual(rateLimitHeaders({}), {});
});
