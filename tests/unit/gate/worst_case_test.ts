import assert from "node:assert/strict";
import fc from "fast-check";
import { panelPlan } from "../../../src/fusion/panel_plan.ts";
import type { Price } from "../../../src/fusion/profile.ts";
import { estimateTokens } from "../../../src/fusion/tokens.ts";
import { worstCase } from "../../../src/gate/worst_case.ts";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import { profile } from "../../support/scripted_run.ts";

const MTOK = 1_000_000;

function request(change: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "fusion/default", messages: [{ role: "user", content: "Hi" }], ...change };
}

/** Every token costs a dollar, or nothing. */
function oneDollarFor(...models: string[]): (model: string) => Price | undefined {
  return (model) =>
    models.includes(model) ? { model, inputPerMtok: MTOK, outputPerMtok: MTOK } : undefined;
}

function tokens(spec: Partial<Parameters<typeof worstCase>[0]> = {}): number {
  const whole = { profile: profile(), request: request(), route: "fuse" as const, ...spec };
  return worstCase(whole, () => undefined).tokens;
}

Deno.test("worstCase() of the single route is the prompt and the caller's bound", () => {
  const asked = request({ max_completion_tokens: 100, messages: [{ role: "user", content: "" }] });
  const empty = tokens({ request: asked, route: "single" });
  assert.ok(empty >= 100 && empty < 120, String(empty));
  const bounded = (change: Partial<ChatRequest>) =>
    tokens({ request: { ...asked, max_completion_tokens: undefined, ...change }, route: "single" });
  assert.equal(bounded({ max_tokens: 300 }) - empty, 200);
  assert.equal(bounded({}) - empty, 4_096 - 100);
  assert.equal(bounded({ max_tokens: 100, n: 3 }) - empty, 200);
});

Deno.test("worstCase() counts every call of a fused run, and each by its own model's price", () => {
  const spec = { profile: profile(), request: request(), route: "fuse" as const };
  const costOf = (...models: string[]) => worstCase(spec, oneDollarFor(...models)).costUsd;
  const parts = ["alpha", "beta", "judge", "omega"].map((model) => costOf(model));
  assert.ok(parts.every((part) => part > 4_000), String(parts));
  // A judge may have to repair, and reads what the panel wrote both times.
  assert.ok(parts[2]! > 4 * parts[0]!, String(parts));
  assert.equal(costOf("solo"), 0);
  const { aggregator } = spec.profile;
  const judgeFallback = { ...aggregator.judge, id: "spare" };
  const spared = { ...spec, profile: profile({ aggregator: { ...aggregator, judgeFallback } }) };
  assert.equal(worstCase(spared, oneDollarFor("spare")).costUsd, parts[2]);
  assert.equal(worstCase(spared, oneDollarFor("spare", "judge")).costUsd, parts[2]);
  const all = worstCase(spec, oneDollarFor("alpha", "beta", "judge", "omega"));
  assert.equal(all.costUsd, all.tokens);
});

Deno.test("worstCase() of a classified request is the classifier and the dearer of both routes", () => {
  const router = {
    ...profile().router,
    classifierModel: { ...profile().router.singleModel, id: "c" },
  };
  const spec = { profile: profile({ router }), request: request() };
  const [classify, fuse, single] = (["classify", "fuse", "single"] as const)
    .map((route) => worstCase({ ...spec, route }, oneDollarFor("solo", "alpha", "c")));
  assert.ok(classify!.tokens > fuse!.tokens);
  assert.ok(classify!.costUsd > Math.max(fuse!.costUsd, single!.costUsd));
  assert.ok(classify!.costUsd < fuse!.costUsd + single!.costUsd);
});

Deno.test("worstCase() grows with layers, members, samples, and shrinks with a member's bound", () => {
  const { aggregator, panel } = profile();
  const one = tokens();
  const two = tokens({ profile: profile({ aggregator: { ...aggregator, layers: 2 } }) });
  const three = tokens({ profile: profile({ aggregator: { ...aggregator, layers: 3 } }) });
  assert.ok(two > one);
  assert.equal(three - two, two - one);
  const sampled = { ...panel, selfMoa: true, samples: 5 };
  assert.ok(tokens({ profile: profile({ panel: sampled }) }) > one);
  const bounded = panel.members.map((member) => ({ ...member, maxTokens: 100 }));
  assert.ok(tokens({ profile: profile({ panel: { ...panel, members: bounded } }) }) < one);
});

Deno.test("worstCase() counts what a request carries besides text", () => {
  const image = { type: "image_url", image_url: { url: `data:,${"A".repeat(100_000)}` } };
  const single = (change: Partial<ChatRequest>) =>
    tokens({ request: request(change), route: "single" });
  const plain = single({});
  const withImage = single({ messages: [{ role: "user", content: [image] }] });
  assert.ok(withImage - plain > 1_000 && withImage - plain < 3_000, String(withImage));
  assert.ok(single({ tools: [{ type: "function", about: "x".repeat(300) }] }) - plain > 100);
  // An answer in a form may have to be written twice.
  const response_format = { type: "json_object" };
  assert.ok(single({ response_format, max_tokens: 100 }) > 2 * single({ max_tokens: 100 }));
  const call = { role: "assistant" as const, content: null, tool_calls: [{ a: "x".repeat(300) }] };
  assert.ok(single({ messages: [call] }) - plain > 100);
});

Deno.test("worstCase() is above the estimate for prose in every script", () => {
  const prose = [
    "The quick brown fox jumps over the lazy dog, and does it again on Tuesday. ",
    "Быстрая коричневая лиса прыгает через ленивую собаку. ",
    "敏捷的棕色狐狸跳过了懒惰的狗。",
    "いろはにほへと ちりぬるを。",
    "नमस्ते दुनिया, आप कैसे हैं? ",
    "function f(x) {\n  return x.map((y) => y + 1);\n}\n",
  ];
  for (const text of prose) {
    const messages = [{ role: "user" as const, content: text.repeat(10) }];
    const bounded = tokens({ request: request({ messages, max_tokens: 1 }), route: "single" });
    assert.ok(bounded > estimateTokens(text.repeat(10)), text);
  }
});

Deno.test("worstCase() is a finite number above what the panel alone may write", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.integer({ min: 1, max: 100_000 }),
    fc.integer({ min: 1, max: 4 }),
    (content, max_tokens, layers) => {
      const asked = request({ messages: [{ role: "user", content }], max_tokens });
      const fusing = profile({ aggregator: { ...profile().aggregator, layers } });
      const most = tokens({ request: asked, profile: fusing });
      const calls = panelPlan(fusing, asked).length * layers;
      assert.ok(Number.isInteger(most) && most > calls * 4_096 + max_tokens);
    },
  ));
});
