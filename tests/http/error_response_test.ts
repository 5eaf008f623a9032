import assert from "node:assert/strict";
import type { Failed } from "../../src/fusion/outcome.ts";
import { failedError, refusedError } from "../../src/http/error_response.ts";
import type { Failure, FailureCode } from "../../src/protocol/failure.ts";
import { failed } from "../support/scripted_run.ts";

function failure(code: FailureCode, more: Partial<Failure> = {}): Failure {
  return { code, source: "upstream", retryable: false, message: "upstream said so", ...more };
}

function told(change: Partial<Failed>) {
  const { status, headers, body } = failedError(failed(change));
  return { status, type: body.error.type, code: body.error.code, retry: headers["retry-after"] };
}

Deno.test("failedError() keeps what an upstream's refusal means when it decided", () => {
  const kept: [FailureCode, number, string | null][] = [
    ["http_400", 400, null],
    ["http_401", 401, "invalid_api_key"],
    ["http_403", 403, "permission_denied"],
    ["http_404", 404, "model_not_found"],
    ["http_429", 429, "rate_limit_exceeded"],
  ];
  for (const reason of ["upstream_error", "panel_quorum_not_met"] as const) {
    for (const [code, status, ours] of kept) {
      const answer = told({ reason, failure: failure(code) });
      assert.equal(answer.status, status, code);
      assert.equal(answer.code, ours, code);
      if (code === "http_400") assert.equal(answer.type, "invalid_request_error");
    }
  }
});

Deno.test("failedError() keeps an upstream's plain error code", () => {
  const refusal = failure("http_400", { upstreamCode: "context_length_exceeded" });
  assert.equal(told({ failure: refusal }).code, "context_length_exceeded");
});

Deno.test("failedError() passes Retry-After on in whole seconds, never too early", () => {
  const retry = (retryAfterMs?: number) =>
    told({
      failure: failure("http_429", retryAfterMs === undefined ? {} : { retryAfterMs }),
    }).retry;
  assert.equal(retry(7_000), "7");
  assert.equal(retry(7_001), "8");
  assert.equal(retry(0), "1");
  assert.equal(retry(), "1");
});

Deno.test("failedError() answers 502 for every other fault of an upstream", () => {
  const codes: FailureCode[] = [
    "timeout",
    "http_4xx",
    "http_5xx",
    "connect",
    "malformed",
    "empty",
    "too_large",
    "crashed",
  ];
  for (const code of codes) {
    const answer = told({ failure: failure(code, { status: 418 }) });
    assert.deepEqual([answer.status, answer.code], [502, "upstream_error"], code);
  }
  assert.deepEqual(told({ reason: "panel_quorum_not_met" }), {
    status: 502,
    type: "server_error",
    code: "panel_quorum_not_met",
    retry: undefined,
  });
});

Deno.test("failedError() answers 504 when the deadline decided, whatever failed last", () => {
  const answer = told({ reason: "deadline_exceeded", failure: failure("http_429") });
  assert.deepEqual([answer.status, answer.code], [504, "deadline_exceeded"]);
});

Deno.test("failedError() answers 503 with Retry-After for what the gateway lacks", () => {
  const lacks: Partial<Failed>[] = [
    { reason: "overloaded" },
    { reason: "cancelled" },
    { reason: "upstream_error", failure: failure("unavailable", { source: "gateway" }) },
    { reason: "panel_quorum_not_met", failure: failure("overloaded", { source: "gateway" }) },
  ];
  for (const change of lacks) {
    const answer = told(change);
    assert.deepEqual([answer.status, answer.code, answer.retry], [503, "overloaded", "1"]);
  }
});

Deno.test("failedError() lists each member's label and reason", () => {
  const members = [{ label: "A", reason: "timeout" }, { label: "B", reason: "http_5xx" }] as const;
  const { body } = failedError(failed({ reason: "panel_quorum_not_met", members }));
  assert.deepEqual(body.error.fusion, { members });
  assert.equal("fusion" in failedError(failed()).body.error, false);
});

Deno.test("refusedError() cuts the client's own words short", () => {
  const model = "m".repeat(100_000);
  assert.ok(refusedError({ type: "model_not_found", model }).body.error.message.length < 400);
  const lost = { type: "not_found", method: "GET", path: `/${model}` } as const;
  assert.ok(refusedError(lost).body.error.message.length < 400);
});
