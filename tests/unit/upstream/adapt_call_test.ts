import assert from "node:assert/strict";
import type { Call } from "../../../src/protocol/call.ts";
import { FailureError } from "../../../src/protocol/failure.ts";
import { adaptCall } from "../../../src/upstream/adapt_call.ts";

const image = { type: "image_url", image_url: { url: "https://a.example/cat.png" } };

function call(change: Partial<Call> = {}): Call {
  return {
    backend: "up",
    model: "m",
    messages: '[{"role":"system","content":"S"},{"role":"user","content":"U"}]',
    params: {},
    droppable: [],
    timeoutAt: 0,
    ...change,
  };
}

function adapted(change: Partial<Call>, ...quirks: string[]) {
  const { params, messages } = adaptCall(call(change), new Set(quirks));
  return { params, messages: JSON.parse(messages) };
}

Deno.test("adaptCall() leaves a call alone that nothing is known against", () => {
  const { messages } = call();
  assert.equal(adaptCall(call(), new Set()).messages, messages);
  assert.equal(adaptCall(call(), new Set(["no_temperature"])).messages, messages);
});

Deno.test("adaptCall() leaves out ours and renames what has another name", () => {
  const params = { temperature: 1, seed: 2, max_tokens: 3 };
  const quirks = ["no_temperature", "no_seed", "max_completion_tokens"];
  assert.deepEqual(adapted({ params, droppable: ["temperature"] }, ...quirks).params, {
    seed: 2,
    max_completion_tokens: 3,
  });
});

Deno.test("adaptCall() asks in words for a format that may not be left out", () => {
  const schema = { type: "object", properties: { city: { type: "string" } } };
  const params = { response_format: { type: "json_schema", json_schema: { schema } }, seed: 1 };
  for (const quirk of ["no_json_schema", "no_response_format"]) {
    const { params: sent, messages } = adapted({ params }, quirk);
    assert.deepEqual(sent, { seed: 1 });
    assert.equal(messages.length, 3);
    assert(messages[2].content.includes(JSON.stringify(schema)));
  }
  assert.deepEqual(adapted({ params }, "no_json_object").params, params);
  const judge = adapted({ params, droppable: ["response_format"] }, "no_json_schema");
  assert.deepEqual(judge.params, { seed: 1 });
  assert.equal(judge.messages.length, 2);
});

Deno.test("adaptCall() folds and merges turns, ours and the caller's", () => {
  const params = { response_format: { type: "json_object" } };
  const { messages } = adapted({ params }, "no_system", "no_json_object", "alternate_roles");
  assert.equal(messages.length, 1);
  assert.match(messages[0].content, /^S\n\nU\n\nAnswer with one JSON object/);
});

Deno.test("adaptCall() leaves out parts where it may, and fails as unsupported where not", () => {
  const messages = JSON.stringify([{
    role: "user",
    content: [{ type: "text", text: "U" }, image],
  }]);
  assert.deepEqual(adapted({ messages, droppable: ["parts"] }, "no_images").messages, [
    { role: "user", content: "U\n[image_url: not shown]" },
  ]);
  assert.throws(
    () => adapted({ messages }, "no_images"),
    (error) => error instanceof FailureError && error.failure.code === "unsupported",
  );
  assert.deepEqual(adapted({ messages }, "no_audio").messages, JSON.parse(messages));
});

Deno.test("adaptCall() tells a model of the tools that it cannot be given", () => {
  const tools = [{ type: "function", function: { name: "weather" } }];
  const messages = JSON.stringify([
    { role: "user", content: "U" },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "1", content: "R" },
    { role: "user", content: "V" },
  ]);
  const params = { tools, tool_choice: "auto", parallel_tool_calls: false, seed: 1 };
  const result = adapted({ messages, params, droppable: ["tools"] }, "no_tools");
  assert.deepEqual(result.params, { seed: 1 });
  assert.deepEqual(result.messages.map(({ role }: { role: string }) => role), [
    "user",
    "assistant",
    "user",
    "user",
    "user",
  ]);
  assert.match(result.messages[4].content, /- weather/);
  assert.deepEqual(adapted({ messages, params }, "no_tools").params, params);
});
