import assert from "node:assert/strict";
import { traceBody } from "../../../src/observe/trace.ts";
import { answered } from "../../support/scripted_run.ts";

Deno.test("traceBody() has every key that the outside relies on", () => {
  const body = traceBody(answered());
  const keys = [
    "route",
    "outcome",
    "router",
    "panel",
    "analysis",
    "stages",
    "usage_by_stage",
    "cost_usd",
    "dominant_share",
  ];
  for (const key of keys) assert.ok(key in body, key);
  assert.deepEqual(Object.keys(body.panel[0]!).sort(), [
    "label",
    "layer",
    "model",
    "ms",
    "share",
    "start_ms",
    "status",
    "usage",
  ]);
  assert.equal(body.panel[1]!.share, null);
  assert.equal(body.panel[0]!.usage.total_tokens, 28);
  assert.deepEqual(Object.keys(body.usage_by_stage), ["panel", "synthesis"]);
  assert.equal(body.usage_by_stage["synthesis"]!.completion_tokens_details.reasoning_tokens, 1);
  assert.equal(body.stages[0]!.cost_usd, 0.002);
  assert.equal(body.router, null);
});

Deno.test("traceBody() shows what the router decided", () => {
  const { trace } = answered();
  const router = { score: 0.2, decision: "single" } as const;
  assert.deepEqual(traceBody(answered({ trace: { ...trace, router } })).router, router);
});
