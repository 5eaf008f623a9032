import assert from "node:assert/strict";
import { panelPlan, spreadTemperatures } from "../../../src/fusion/panel_plan.ts";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import { profile } from "../../support/run_requests.ts";

const REQUEST: ChatRequest = { model: "fusion/x", messages: [{ role: "user", content: "?" }] };

Deno.test("panelPlan() asks every member once, in the profile's order", () => {
  const plan = panelPlan(profile({ members: ["a", "b"] }), REQUEST);
  assert.deepEqual(plan.map(({ member, params }) => [member.id, params]), [["a", {}], ["b", {}]]);
});

Deno.test("panelPlan() lets a member's own settings win over the caller's", () => {
  const members = [{ model: "a", temperature: 0, maxTokens: 300 }, "b"];
  const plan = panelPlan(profile({ members }), { ...REQUEST, temperature: 1 });
  assert.deepEqual(plan.map(({ params }) => params), [
    { temperature: 0, max_tokens: 300 },
    { temperature: 1 },
  ]);
});

Deno.test("panelPlan() under self-MoA spreads temperatures around the member's or caller's", () => {
  const temperatures = (members: Parameters<typeof profile>[0], request = REQUEST) =>
    panelPlan(profile({ ...members, panel: { selfMoa: true, samples: 3 } }), request)
      .map(({ params }) => params.temperature);
  assert.deepEqual(temperatures({ members: [{ model: "a", temperature: 1 }] }), [0.8, 1, 1.2]);
  assert.deepEqual(temperatures({}, { ...REQUEST, temperature: 0 }), [0, 0.2, 0.4]);
});

Deno.test("panelPlan() under self-MoA gives each sample a seed of its own", () => {
  const plan = panelPlan(profile({ panel: { selfMoa: true, samples: 2 } }), {
    ...REQUEST,
    seed: 7,
  });
  assert.deepEqual(plan.map(({ params }) => params.seed), [7, 8]);
});

Deno.test("spreadTemperatures() stays between 0 and 1.5, evenly, in rising order", () => {
  for (const count of [1, 2, 5, 8, 16]) {
    for (const middle of [0, 0.7, 1.4, 2]) {
      const spread = spreadTemperatures(count, middle);
      assert.equal(spread.length, count);
      assert.equal(new Set(spread).size, count);
      assert.ok(spread.every((each) => each >= 0 && each <= 1.5), String(spread));
      assert.deepEqual([...spread].sort((a, b) => a - b), spread);
    }
  }
  assert.deepEqual(spreadTemperatures(1, 0.7), [0.7]);
  assert.deepEqual(spreadTemperatures(4, 0.7), [0.4, 0.6, 0.8, 1]);
});
