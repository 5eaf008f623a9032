import assert from "node:assert/strict";
import { UpstreamHealth } from "../../../src/health/upstream_health.ts";
import { ensureServes, healthView } from "../../../src/health/serving.ts";
import type { FailureCode } from "../../../src/protocol/failure.ts";
import { failure } from "../../support/course_script.ts";
import { healthPolicy, type HealthSpec } from "../../support/health_policy.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { model, profile } from "../../support/run_requests.ts";

const A = model("a");
const FIRST = { stage: "panel", cause: "first" } as const;

function health(spec: HealthSpec = {}) {
  const clock = new ManualClock();
  const told: string[] = [];
  const made = new UpstreamHealth({
    ...healthPolicy({ breaker: { consecutiveFailures: 2, ...spec.breaker }, ...spec }),
    now: () => clock.now(),
    onFailure: (model, code) => told.push(`${model} ${code}`),
    onBreaker: (model, state) => told.push(`${model} ${state}`),
    onExtraCall: (model, cause) => told.push(`${model} ${cause}`),
  });
  return { health: made, clock, told };
}

for (const code of ["connect", "http_429", "http_5xx", "timeout"] as const) {
  Deno.test(`UpstreamHealth opens a model's breaker on ${code}`, () => {
    const { health: all, told } = health();
    for (let call = 0; call < 2; call++) all.enter(A, FIRST)?.(failure(code));
    assert.equal(all.stateOf(A), "open");
    assert.equal(all.enter(A, FIRST), undefined);
    assert.equal(all.stateOf(model("b")), "closed", "another's is its own");
    assert.deepEqual(told, [`up::a ${code}`, `up::a ${code}`, "up::a open"]);
  });
}

for (
  const code of [
    "http_400",
    "http_401",
    "http_403",
    "http_404",
    "http_4xx",
    "empty",
    "cancelled",
    "crashed",
    "unavailable",
  ] satisfies FailureCode[]
) {
  Deno.test(`UpstreamHealth does not hold ${code} against a model's upstream`, () => {
    const { health: all } = health();
    for (let call = 0; call < 9; call++) all.enter(A, FIRST)?.(failure(code));
    assert.equal(all.stateOf(A), "closed");
  });
}

Deno.test("UpstreamHealth counts an unreadable body, but not an analysis that a model cannot write", () => {
  const { health: all } = health();
  const unreadable = (retryable: boolean) => failure("malformed", { retryable });
  for (let call = 0; call < 9; call++) all.enter(A, FIRST)?.(unreadable(false));
  assert.equal(all.stateOf(A), "closed");
  for (let call = 0; call < 2; call++) all.enter(A, FIRST)?.(unreadable(true));
  assert.equal(all.stateOf(A), "open");
});

Deno.test("UpstreamHealth grants retries as a share of first calls, hedges as another", () => {
  const { health: all } = health({
    retry: { budgetShare: 0.2, budgetMinPerSecond: 0 },
    hedge: { enabled: true, maxExtra: 0.1 },
  });
  for (let call = 0; call < 10; call++) all.enter(A, FIRST)?.();
  for (const cause of ["retry", "retry", "hedge"] as const) {
    assert.ok(cause === "retry" ? all.mayRetry : all.mayHedge);
    all.decided(cause);
    all.enter(A, { stage: "panel", cause })?.();
  }
  assert.deepEqual([all.mayRetry, all.mayHedge], [false, false]);
});

Deno.test("UpstreamHealth tells of calls beyond the first, by what made them", () => {
  const { health: all, told } = health();
  for (const cause of ["first", "retry", "fallback", "hedge"] as const) {
    all.enter(A, { stage: "panel", cause })?.();
  }
  assert.deepEqual(told, ["up::a retry", "up::a fallback", "up::a hedge"]);
});

Deno.test("UpstreamHealth knows how long a model's answers take, for each stage, where it hedges", () => {
  const { health: all, clock } = health({ hedge: { enabled: true } });
  for (let call = 0; call < 20; call++) {
    const ended = all.enter(A, FIRST);
    clock.advance(30);
    ended?.();
  }
  assert.equal(all.hedgeAfterMs(A, "panel"), 30);
  assert.equal(all.hedgeAfterMs(A, "judge"), undefined);
  assert.equal(health().health.hedgeAfterMs(A, "panel"), undefined);
});

/** A health under which the named models' breakers are open. */
function without(...names: string[]): UpstreamHealth {
  const { health: all } = health();
  for (const name of names) {
    for (let call = 0; call < 2; call++) all.enter(model(name), FIRST)?.(failure("connect"));
  }
  return all;
}

for (
  const { open, spec, serves, why } of [
    { open: ["a"], spec: {}, serves: true, why: "with a quorum of members left" },
    { open: ["a", "b"], spec: {}, serves: false, why: "without a quorum" },
    { open: ["judge", "synth"], spec: {}, serves: true, why: "with the panel's best answer" },
    {
      open: ["a", "b"],
      spec: { members: ["a", { model: "b", fallback: model("d") }, "c"] },
      serves: true,
      why: "with a fallback in a member's place",
    },
    {
      open: ["a", "b"],
      spec: { panel: { belowQuorum: "best_answer" } },
      serves: true,
      why: "with any answer where any is good",
    },
    {
      open: ["a"],
      spec: { panel: { selfMoa: true, samples: 3 } },
      serves: false,
      why: "without the one model of a self-MoA",
    },
    {
      open: ["a", "b", "c"],
      spec: { router: { policy: "classifier" } },
      serves: true,
      why: "with the single model that a classifier may choose",
    },
  ] as const
) {
  Deno.test(`healthView() says that a profile ${serves ? "serves" : "does not serve"} ${why}`, () => {
    const { profiles } = healthView(without(...open), [profile(spec)]);
    assert.deepEqual(profiles, [{ profile: "test", serves }]);
  });
}

Deno.test("healthView() counts a half-open model as there, since only a call can tell", () => {
  const { health: all, clock } = health();
  for (const name of ["a", "b"]) {
    for (let call = 0; call < 2; call++) all.enter(model(name), FIRST)?.(failure("connect"));
  }
  clock.advance(1_000);
  const view = healthView(all, [profile()]);
  assert.equal(view.profiles[0]?.serves, true);
  assert.deepEqual(view.upstreams, [
    { model: "up::a", state: "half_open" },
    { model: "up::b", state: "half_open" },
  ]);
});

Deno.test("ensureServes() is not ready where no profile serves, and ready while one does", () => {
  const ready = { ready: true, reasons: [] };
  const views = (...serves: boolean[]) => ({
    upstreams: [],
    profiles: serves.map((each) => ({ profile: "p", serves: each })),
  });
  assert.deepEqual(ensureServes(ready, views(false, true)), ready);
  assert.equal(ensureServes(ready, views(false, false)).ready, false);
});
