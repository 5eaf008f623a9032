import assert from "node:assert/strict";
import {
  finalParameters,
  identityParameters,
  panelParameters,
  toolParameters,
} from "../../../src/fusion/parameters.ts";
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

Deno.test("toolParameters() and identityParameters() pick theirs out of everything", () => {
  const tools = [{ type: "function", function: { name: "look" } }];
  const request = {
    ...REQUEST,
    tools,
    tool_choice: "auto",
    user: "someone",
    safety_identifier: "x",
  };
  assert.deepEqual(toolParameters(request), { tools, tool_choice: "auto" });
  assert.deepEqual(identityParameters(request), { user: "someone", safety_identifier: "x" });
  assert.deepEqual(panelParameters(request), {
    temperature: 0,
    seed: 4,
    reasoning_effort: "low",
    user: "someone",
    safety_identifier: "x",
  });
});

Deno.test("finalParameters() passes on what else a stream is to have", () => {
  const stream_options = { include_usage: true, continuous_usage_stats: true };
  assert.deepEqual(finalParameters({ ...REQUEST, stream_options }).stream_options, {
    continuous_usage_stats: true,
  });
  assert.equal(
    "stream_options" in finalParameters({ ...REQUEST, stream_options, stream: false }),
    false,
  );
});

Deno.test("finalParameters() takes no name of an object's own for one of the table's", () => {
  const request = { ...REQUEST, constructor: 1, toString: 2 } as unknown as ChatRequest;
  assert.deepEqual([finalParameters(request).constructor, finalParameters(request).toString], [
    1,
    2,
  ]);
  assert.deepEqual(Object.keys(panelParameters(request)), [
    "temperature",
    "seed",
    "reasoning_effort",
  ]);
});
