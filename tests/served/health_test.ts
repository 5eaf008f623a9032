/**
 * Upstream health over the whole house: retries, fallbacks, breakers and hedges, asserted at the far
 * end as well.
 */
import assert from "node:assert/strict";
import type { Script } from "../../src/simulation/behaviour.ts";
import { ServedGateway, type ServedOptions } from "../support/served_gateway.ts";
import { until } from "../support/until.ts";

const TRACE = { fusion: { trace: true } };
const SINGLE = { fusion: { trace: true, route: "single" } };

/** Does `bad` for the first `times` calls of a model. */
function failing(model: string, bad: ReturnType<Script>, times = Infinity): Script {
  let calls = 0;
  return (request) => request.model === model && calls++ < times ? bad : undefined;
}

function callsOf(gateway: ServedGateway, model: string): number {
  return gateway.upstream.requests.filter((each) => each.model === model).length;
}

interface Member {
  readonly label: string;
  readonly model: string;
  readonly status: string;
  readonly cause?: string;
}

function fared(panel: readonly Member[], label: string): string[] {
  return panel.filter((each) => each.label === label)
    .map(({ model, status, cause }) => [model, status, cause].filter(Boolean).join(" "));
}

/** Waits long enough for whoever is asked again. */
const PATIENT: ServedOptions = { panel: "min_quorum = 3" };

for (
  const { what, bad } of [
    { what: "a 500", bad: { status: 500 } },
    { what: "a 429", bad: { status: 429, headers: { "retry-after-ms": "20" } } },
    { what: "an unreadable body", bad: { body: "<html>Bad Gateway</html>" } },
    { what: "a connection that breaks off", bad: { cutAfterBytes: 20 } },
  ]
) {
  Deno.test(`a member's model is asked once more after ${what}`, async () => {
    await using gateway = await ServedGateway.start({ ...PATIENT, script: failing("a", bad, 1) });
    const { status, body } = await gateway.ask(TRACE);
    assert.equal(status, 200);
    assert.equal(body.fusion.outcome, "fused");
    const [first, second] = fared(body.fusion.panel, "M1");
    assert.match(first!, /^a (http_5xx|http_429|malformed|connect)$/);
    assert.equal(second, "a answered retry");
    assert.equal(callsOf(gateway, "a"), 2);
  });
}

for (const status of [400, 401, 403, 404]) {
  Deno.test(`a ${status} is not asked again`, async () => {
    await using gateway = await ServedGateway.start({ script: failing("solo", { status }) });
    assert.equal((await gateway.ask(SINGLE)).status, status);
    assert.equal(callsOf(gateway, "solo"), 1);
  });
}

Deno.test("a stream is asked again before its first delta, and never after it", async () => {
  await using gateway = await ServedGateway.start({ script: failing("solo", { status: 503 }, 1) });
  const streamed = await gateway.stream(SINGLE);
  assert.ok(streamed.done && streamed.text.length > 0);
  assert.equal(callsOf(gateway, "solo"), 2);

  await using broken = await ServedGateway.start({
    script: failing("solo", { cutAfterBytes: 900 }),
  });
  const cut = await broken.stream(SINGLE);
  assert.ok(cut.error && !cut.done);
  assert.equal(callsOf(broken, "solo"), 1);
});

Deno.test("retries of all requests together stay within their budget", async () => {
  await using gateway = await ServedGateway.start({
    script: failing("solo", { status: 500 }),
    more: `
[retry]
budget_share = 0.1
budget_min_per_second = 0.2
[breaker]
consecutive_failures = 1000
failure_ratio = 1.0
min_calls = 1000`,
  });
  const answers = await Promise.all(Array.from({ length: 40 }, () => gateway.ask(SINGLE)));
  assert.ok(answers.every(({ status }) => status === 502));
  const retries = callsOf(gateway, "solo") - 40;
  assert.ok(retries > 0 && retries <= 0.1 * 40 + 2, `${retries} retries`);
});

const BREAKER = `
[retry]
max_attempts = 1
[breaker]
consecutive_failures = 2
open_ms = `;

Deno.test("a model that keeps failing is left alone by every worker, and its members say so", async () => {
  await using gateway = await ServedGateway.start({
    script: failing("a", { status: 500 }),
    more: `${BREAKER} 600000`,
  });
  for (let request = 0; request < 4; request++) {
    const { status, body } = await gateway.ask(TRACE);
    assert.equal(status, 200);
    assert.deepEqual(fared(body.fusion.panel, "M1"), [
      request < 2 ? "a http_5xx" : "a circuit_open",
    ]);
  }
  assert.equal(callsOf(gateway, "a"), 2);
  const metrics = await gateway.metrics();
  assert.match(metrics, /^tutti_upstream_state\{model="default::a"\} 2$/m);
  assert.match(metrics, /^tutti_upstream_state\{model="default::b"\} 0$/m);
  assert.match(
    metrics,
    /^tutti_upstream_failures_total\{model="default::a",code="http_5xx"\} 2$/m,
  );
  const ready = await (await fetch(`${gateway.url}/readyz?verbose`)).json();
  assert.equal(ready.status, "ready");
  assert.deepEqual(
    ready.upstreams.find(({ model }: Member) => model === "default::a"),
    { model: "default::a", state: "open" },
  );
  assert.deepEqual(ready.profiles, [{ profile: "test", serves: true }]);
  assert.deepEqual(await (await fetch(`${gateway.url}/readyz`)).json(), { status: "ready" });
});

Deno.test("a model whose time is over is tried with one call, and used again when it answers", async () => {
  await using gateway = await ServedGateway.start({
    script: failing("a", { status: 500 }, 2),
    more: `${BREAKER} 1`,
  });
  for (let request = 0; request < 2; request++) await gateway.ask();
  const stateOf = () => gateway.gateway.system.health.stateOf({ backend: "default", model: "a" });
  await until(() => stateOf() === "half_open", "the breaker to be half open");
  const { body } = await gateway.ask({ ...TRACE });
  assert.deepEqual(fared(body.fusion.panel, "M1"), ["a answered"]);
  assert.equal(stateOf(), "closed");
});

Deno.test("the gateway is not ready where no profile can reach its quorum, and fails at once", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) => ["a", "b"].includes(model) ? { status: 500 } : undefined,
    more: `${BREAKER} 600000`,
  });
  for (let request = 0; request < 2; request++) await gateway.ask();
  const ready = await fetch(`${gateway.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.match((await ready.json()).reasons[0], /circuits are open/);
  const { status, body } = await gateway.ask();
  assert.equal(status, 502);
  assert.equal(body.error.code, "panel_quorum_not_met");
  assert.deepEqual(
    body.error.fusion.members.slice(0, 2).map(({ reason }: { reason: string }) => reason),
    ["circuit_open", "circuit_open"],
  );
  assert.equal(callsOf(gateway, "a"), 2);
});

Deno.test("a client's short deadline is not held against a slow model", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) => model === "solo" ? { hang: "headers" } : undefined,
    more: `${BREAKER} 600000`,
  });
  for (let request = 0; request < 3; request++) {
    const { status } = await gateway.ask({ fusion: { route: "single", deadline_ms: 30 } });
    assert.equal(status, 504);
  }
  assert.equal(
    gateway.gateway.system.health.stateOf({ backend: "default", model: "solo" }),
    "closed",
  );
});

Deno.test("a member's fallback answers in its place, and what it cost is put down to it", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) => model === "a" ? { status: 401 } : undefined,
    panel: 'members = [{ model = "a", fallback = "spare" }, "b", "c"]\nmin_quorum = 3',
    more: `
[[prices]]
model = "spare"
input_per_mtok = 1000.0
output_per_mtok = 1000.0`,
  });
  const { status, body } = await gateway.ask(TRACE);
  assert.equal(status, 200);
  assert.deepEqual(fared(body.fusion.panel, "M1"), ["a http_401", "spare answered fallback"]);
  assert.ok(body.fusion.cost_usd > 0);
  const metrics = await gateway.metrics();
  assert.match(
    metrics,
    /^tutti_tokens_total\{.*stage="panel",model="spare",kind="prompt"\} [1-9]/m,
  );
  assert.match(
    metrics,
    /^tutti_upstream_extra_calls_total\{model="default::spare",cause="fallback"\} 1$/m,
  );
});

for (
  const { part, config, ask } of [
    { part: "judge", config: { aggregator: 'judge_fallback = "spare"' }, ask: TRACE },
    { part: "synth", config: { aggregator: 'synthesizer_fallback = "spare"' }, ask: TRACE },
    { part: "solo", config: { router: 'single_fallback = "spare"' }, ask: SINGLE },
  ]
) {
  Deno.test(`the fallback of ${part} answers in its place, streamed or not`, async () => {
    await using gateway = await ServedGateway.start({
      script: ({ model }) => model === part ? { status: 404 } : undefined,
      ...config,
    });
    const { status, body } = await gateway.ask(ask);
    assert.equal(status, 200);
    assert.equal(body.fusion.outcome, part === "solo" ? "single" : "fused");
    const streamed = await gateway.stream(ask);
    assert.ok(streamed.done && streamed.text.length > 0);
    assert.equal(callsOf(gateway, "spare"), 2);
  });
}

Deno.test("a slow slot is asked twice; the first answer wins and the loser's socket closes", async () => {
  await using gateway = await ServedGateway.start({
    panel: "min_quorum = 3",
    script: ({ model, body }) =>
      model === "a" && body.user === "slow" && slow++ === 0 ? { hang: "headers" } : undefined,
    more: "[hedge]\nenabled = true\nmax_extra = 0.05",
  });
  let slow = 0;
  // Twenty calls tell how long the model usually takes.
  for (let request = 0; request < 20; request++) await gateway.ask();
  const { status, body } = await gateway.ask({ ...TRACE, user: "slow" });
  assert.equal(status, 200);
  assert.deepEqual(fared(body.fusion.panel, "M1"), ["a cancelled", "a answered hedge"]);
  await gateway.upstream.waitFor((each) => each.model === "a" && each.endedAs === "aborted");
});
