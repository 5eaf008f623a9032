import assert from "node:assert/strict";
import type { AskRecord } from "../../../src/fusion/course_state.ts";
import { decidingFailure, quorumMessage } from "../../../src/fusion/panel_failure.ts";
import type { FailureCode } from "../../../src/protocol/failure.ts";
import { courseOf, failure } from "../../support/course_script.ts";

const KEPT: readonly FailureCode[] = [
  "http_400",
  "http_401",
  "http_403",
  "http_404",
  "http_429",
  "overloaded",
];
const NOT_KEPT: readonly FailureCode[] = ["http_5xx", "http_4xx", "connect", "timeout", "empty"];

for (const code of KEPT) {
  Deno.test(`decidingFailure() keeps ${code} where every member failed so`, () => {
    const run = courseOf({ slots: 2 }).fails("M1", 50, code).fails("M2", 60, code);
    assert.equal(run.ending?.type === "failed" && run.ending.failure?.code, code);
  });

  Deno.test(`decidingFailure() keeps ${code} where the rest was cut off by it`, () => {
    const run = courseOf().fails("M3", 50, code).fails("M1", 60, code);
    assert.deepEqual(run.statuses, { M1: code, M2: "cancelled", M3: code });
    assert.equal(run.ending?.type === "failed" && run.ending.failure?.code, code);
  });
}

for (const code of NOT_KEPT) {
  Deno.test(`decidingFailure() keeps no ${code}`, () => {
    const run = courseOf({ slots: 2 }).fails("M1", 50, code).fails("M2", 60, code);
    assert.equal(run.end, "panel_quorum_not_met");
    assert.equal(run.ending?.type === "failed" && run.ending.failure, undefined);
  });
}

Deno.test("decidingFailure() is none where the members failed differently", () => {
  const run = courseOf({ slots: 2, minQuorum: 1 })
    .fails("M1", 50, "http_401").fails("M2", 60, "http_403");
  assert.equal(run.ending?.type === "failed" && run.ending.failure, undefined);
});

Deno.test("decidingFailure() is that no worker is left, where the gateway alone failed all", () => {
  const members = ["crashed", "unavailable"].map((code) => ({
    status: code,
    failure: failure(code as FailureCode),
  } as AskRecord));
  assert.equal(decidingFailure(members)?.code, "unavailable");
  assert.equal(decidingFailure(members.slice(0, 1)), undefined);
  const upstreams = { status: "http_401", failure: failure("http_401") } as AskRecord;
  assert.equal(decidingFailure([...members, upstreams]), undefined);
});

Deno.test("decidingFailure() is none where a member answered", () => {
  const run = courseOf({ minQuorum: 3 }).answers("M2", 40).fails("M1", 50, "http_401");
  assert.equal(run.end, "panel_quorum_not_met");
  assert.equal(run.ending?.type === "failed" && run.ending.failure, undefined);
});

Deno.test("decidingFailure() is none where the time decided", () => {
  for (const timer of ["panel", "deadline"] as const) {
    const run = courseOf({ panelTimeoutMs: 5_000 }).fails("M1", 50, "http_401").rings(timer);
    assert.equal(run.ending?.type === "failed" && run.ending.failure, undefined);
  }
});

Deno.test("decidingFailure() keeps the soonest Retry-After of several 429", () => {
  const waits = [9_000, 2_000, undefined];
  const run = courseOf({ minQuorum: 1 });
  waits.forEach((retryAfterMs, slot) =>
    run.fails(
      `M${slot + 1}`,
      50 + slot,
      failure("http_429", retryAfterMs === undefined ? {} : { retryAfterMs }),
    )
  );
  assert.equal(run.ending?.type === "failed" && run.ending.failure?.retryAfterMs, 2_000);
});

Deno.test("decidingFailure() judges a member by its last ask", () => {
  const run = courseOf({ slots: 1, minQuorum: 1 }).fails("M1", 10, "crashed")
    .fails("M1", 20, "http_401");
  assert.equal(run.ending?.type === "failed" && run.ending.failure?.code, "http_401");
});

Deno.test("decidingFailure() of no members is none", () => {
  assert.equal(decidingFailure([]), undefined);
});

Deno.test("quorumMessage() says how many answered, of how many, and what kept the others", () => {
  assert.equal(
    quorumMessage({ answered: 1, minQuorum: 2 }, "deadline"),
    "Cannot reach quorum: 1 of 2 members answered before the deadline",
  );
});
