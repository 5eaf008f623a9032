import assert from "node:assert/strict";
import { finalParameters, panelParameters } from "../../../src/fusion/parameters.ts";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";

const REQUEST: ChatRequest = {
  model: "fusion/x",
  messages: [{ role: "user", content: "?" }],
  stream: true,
  stream_options: { include_usage: true },
  fusion: { trace: true },
  temperature: 0,
  top_p: null,
  max_tokens: 9,
  stop: ["x"],
  seed: 4,
  reasoning_effort: "low",
  store: false,
  something_new: { nested: true },
};

Deno.test("finalParameters() passes everything on that is not Tutti's own or null", () => {
  assert.deepEqual(finalParameters(REQUEST), {
    temperature: 0,
    max_tokens: 9,
    stop: ["x"],
    seed: 4,
    reasoning_effort: "low",
    store: false,
    something_new: { nested: true },
  });
});

Deno.test("panelParameters() passes on what shapes the thinking, not what shapes the output", () => {
  assert.deepEqual(panelParameters(REQUEST), { temperature: 0, seed: 4, reasoning_effort: "low" });
});
