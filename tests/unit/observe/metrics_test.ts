import assert from "node:assert/strict";
import { createMetrics } from "../../../src/observe/metrics.ts";
import { answered, failed } from "../../support/scripted_run.ts";

/** Metrics after one run of each kind and every other event. */
async function exposed(): Promise<string> {
  const metrics = createMetrics();
  metrics.observeRun(answered(), "default", { requestSeconds: 1, firstTokenSeconds: 0.5 });
  metrics.observeRun(answered({ outcome: "no_judge" }), "default", { requestSeconds: 2 });
  metrics.observeRun(failed({ reason: "cancelled" }), "default", { requestSeconds: 3 });
  metrics.shed("queue_full");
  metrics.refused("invalid_api_key");
  metrics.workerRestarted();
  metrics.watchLoad({ inFlight: 3, queueDepth: 2 });
  return await metrics.expose();
}

Deno.test("createMetrics() exposes every name that the outside relies on", async () => {
  const text = await exposed();
  const samples = [
    'tutti_requests_total{profile="default",route="fuse",outcome="fused"} 1',
    'tutti_requests_total{profile="default",route="fuse",outcome="no_judge"} 1',
    'tutti_requests_total{profile="default",route="fuse",outcome="cancelled"} 1',
    "tutti_request_seconds_count 3",
    "tutti_request_seconds_sum 6",
    "tutti_first_token_seconds_count 1",
    'tutti_stage_seconds_count{profile="default",stage="panel"} 3',
    'tutti_panel_members_total{profile="default",model="alpha",status="answered"} 3',
    'tutti_panel_members_total{profile="default",model="beta",status="timeout"} 3',
    'tutti_tokens_total{profile="default",stage="panel",model="alpha",kind="prompt"} 60',
    'tutti_tokens_total{profile="default",stage="panel",model="alpha",kind="completion"} 24',
    'tutti_tokens_total{profile="default",stage="panel",model="alpha",kind="cached"} 6',
    'tutti_tokens_total{profile="default",stage="panel",model="alpha",kind="reasoning"} 3',
    'tutti_router_decisions_total{profile="default",decision="fuse"} 3',
    'tutti_degraded_total{profile="default",outcome="no_judge"} 1',
    "tutti_in_flight 3",
    "tutti_queue_depth 2",
    'tutti_shed_total{reason="queue_full"} 1',
    'tutti_refused_total{code="invalid_api_key"} 1',
    "tutti_worker_restarts_total 1",
    "tutti_dominant_share_count 2",
  ];
  const lines = new Set(text.split("\n"));
  for (const sample of samples) assert.ok(lines.has(sample), `${sample}\n${text}`);
  assert.match(
    text,
    /^tutti_cost_usd_total\{profile="default",stage="panel",model="alpha"\} 0\.006/m,
  );
});

Deno.test("createMetrics() keeps each registry to itself", async () => {
  await exposed();
  assert.doesNotMatch(await createMetrics().expose(), /profile="default"/);
});

Deno.test("createMetrics() does not call a single answer degraded", async () => {
  const metrics = createMetrics();
  const single = answered({ route: "single", outcome: "single" });
  metrics.observeRun(single, "default", { requestSeconds: 1 });
  assert.doesNotMatch(await metrics.expose(), /tutti_degraded_total\{/);
});

Deno.test({
  name: "expose() passes promtool check metrics",
  ignore: !await hasPromtool(),
  async fn() {
    const text = await exposed();
    const promtool = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = promtool.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { code, stdout, stderr } = await promtool.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(said, "");
    assert.equal(code, 0);
  },
});

async function hasPromtool(): Promise<boolean> {
  try {
    await new Deno.Command("promtool", { args: ["--version"] }).output();
    return true;
  } catch {
    return false;
  }
}
