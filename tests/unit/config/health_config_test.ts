import assert from "node:assert/strict";
import { faultLines, loaded } from "./loading.ts";

const PROFILE = `
[backend]
base_url = "http://localhost:8000/v1"
[[profiles]]
name = "p"
[profiles.aggregator]
synthesizer = "s"
judge_fallback = "jf"
synthesizer_fallback = "sf"
[profiles.router]
single_fallback = "lf"
[profiles.panel]
members = [{ model = "a", fallback = "af" }, "b", "c"]
`;

Deno.test("loadConfig() ties each slot's fallback to its backend", () => {
  const { profiles } = loaded(PROFILE);
  const ref = (id: string) => ({ id, backend: "default", model: id });
  const { router, panel, aggregator } = profiles[0]!;
  assert.deepEqual(panel.members[0], { ...ref("a"), fallback: ref("af") });
  assert.deepEqual(panel.members[1], ref("b"));
  assert.deepEqual(router.singleFallback, ref("lf"));
  assert.deepEqual(aggregator.judgeFallback, ref("jf"));
  assert.deepEqual(aggregator.synthesizerFallback, ref("sf"));
});

Deno.test("loadConfig() takes no alias of its own and no unknown backend for a fallback", () => {
  const text = PROFILE.replace('"af"', '"fusion/p"').replace('"jf"', '"gone::jf"');
  assert.deepEqual(faultLines(text).map((line) => line.split(":")[0]), [
    "profiles[0].aggregator.judge_fallback",
    "profiles[0].panel.members[0].fallback",
  ]);
});

Deno.test("loadConfig() faults a fan-out cap that a profile's panel could never fit under", () => {
  const capped = (calls: number) => `[server]\nmax_upstream_calls = ${calls}\n${PROFILE}`;
  assert.deepEqual(faultLines(capped(2)), [
    "server.max_upstream_calls: Cannot be 2: a profile's panel makes 3 calls at once",
  ]);
  assert.equal(loaded(capped(3)).server.maxUpstreamCalls, 3);
  assert.equal(loaded(capped(0)).server.maxUpstreamCalls, 0);
});

Deno.test("loadConfig() has sound defaults for retries, breakers and hedges", () => {
  const { retry, breaker, hedge } = loaded(PROFILE);
  assert.deepEqual(retry, {
    maxAttempts: 2,
    maxWaitMs: 10_000,
    budgetShare: 0.2,
    budgetMinPerSecond: 1,
  });
  assert.deepEqual(breaker, {
    consecutiveFailures: 5,
    failureRatio: 0.5,
    minCalls: 20,
    windowMs: 30_000,
    openMs: 10_000,
  });
  assert.deepEqual(hedge, { enabled: false, maxExtra: 0.05 });
});
