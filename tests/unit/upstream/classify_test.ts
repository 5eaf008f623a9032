import assert from "node:assert/strict";
import fc from "fast-check";
import { failureSchema } from "../../../src/protocol/failure.ts";
import { failureOfErrorCode, failureOfStatus } from "../../../src/upstream/classify.ts";

const now = Date.parse("Sun, 22 Nov 2026 12:00:00 GMT");

const retryAfterMs = (headers: Record<string, string>) =>
  failureOfStatus(429, { headers: new Headers(headers), now }).retryAfterMs;

Deno.test("failureOfStatus() reads Retry-After in each of its forms", () => {
  const cases: [headers: Record<string, string>, ms: number | undefined][] = [
    [{}, undefined],
    [{ "retry-after": "2" }, 2_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "1.5" }, 1_500],
    [{ "retry-after": " 7 " }, 7_000],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Sunday, 22-Nov-26 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after-ms": "250" }, 250],
    [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
    [{ "retry-after-ms": "soon", "retry-after": "1" }, 1_000],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "5 minutes" }, undefined],
    [{ "retry-after": "Infinity" }, undefined],
    [{ "retry-after": "1e400" }, undefined],
    [{ "retry-after": "0x10" }, undefined],
    [{ "retry-after": "999999999999" }, 86_400_000],
    [{ "retry-after": "Sun, 22 Nov 2099 12:00:00 GMT" }, 86_400_000],
  ];
  for (const [headers, ms] of cases) {
    assert.equal(retryAfterMs(headers), ms, JSON.stringify(headers));
  }
});

Deno.test("failureOfStatus() lets an upstream's code through as an identifier only", () => {
  const cases: [code: unknown, kept: string | undefined][] = [
    ["model_not_found", "model_not_found"],
    ["insufficient_quota", "insufficient_quota"],
    ["x", undefined],
    ["Model Not Found", undefined],
    ["sk-abc123", undefined],
    ["a".repeat(49), undefined],
    ["model_not_found\n", undefined],
    [404, undefined],
    [null, undefined],
    [{ toString: () => "model_not_found" }, undefined],
    [undefined, undefined],
  ];
  for (const [upstreamCode, kept] of cases) {
    assert.equal(failureOfStatus(400, { upstreamCode, now }).upstreamCode, kept);
    assert.equal(failureOfErrorCode(upstreamCode, now).upstreamCode, kept);
  }
});

Deno.test("failureOfStatus() and failureOfErrorCode() always give a failure that passes its border", () => {
  fc.assert(fc.property(
    fc.integer({ min: 100, max: 999 }),
    fc.option(
      fc.oneof(
        fc.string(),
        fc.double().map(String),
        fc.date({ noInvalidDate: true }).map((at) => at.toUTCString()),
      ),
    ),
    fc.anything(),
    (status, value, upstreamCode) => {
      const headers = new Headers();
      try {
        if (value !== null) headers.set("retry-after", value);
      } catch {
        // No header can hold it.
      }
      failureSchema.parse(failureOfStatus(status, { headers, upstreamCode, now }));
      if (typeof upstreamCode !== "object" && typeof upstreamCode !== "symbol") {
        failureSchema.parse(failureOfErrorCode(upstreamCode, now));
      }
    },
  ));
});
