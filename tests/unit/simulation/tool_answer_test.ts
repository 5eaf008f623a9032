import assert from "node:assert/strict";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import { readConversation } from "../../../src/simulation/conversation.ts";
import { chooseCalls, reportResults } from "../../../src/simulation/tool_answer.ts";

const tool = (name: string, description: string, properties: object) => ({
  type: "function",
  function: { name, description, parameters: { type: "object", properties } },
});
const weather = tool("get_weather", "Current temperature at a place", {
  city: { type: "string" },
  unit: { type: "string", enum: ["celsius", "fahrenheit"] },
});
const stocks = tool("stockPrice", "Latest quote of a share", { symbol: { type: "string" } });

function calls(content: string, extra: Partial<ChatRequest> = {}) {
  const request: ChatRequest = {
    model: "m",
    messages: [{ role: "user", content }],
    tools: [weather, stocks],
    ...extra,
  };
  return chooseCalls(request, readConversation(request.messages))
    .map((call) => [call.name, JSON.parse(call.arguments)]);
}

Deno.test("chooseCalls() calls a tool by its name, with arguments from the question", () => {
  assert.deepEqual(calls("What is the weather in Paris, in celsius?"), [
    ["get_weather", { city: "Paris", unit: "celsius" }],
  ]);
});

Deno.test("chooseCalls() calls a tool by a word of its description or a part of its name", () => {
  assert.deepEqual(calls('Which quote has "ACME"?'), [["stockPrice", { symbol: "ACME" }]]);
  assert.deepEqual(calls('How is the stock "ACME"?'), [["stockPrice", { symbol: "ACME" }]]);
});

Deno.test("chooseCalls() calls nothing that is not asked for", () => {
  assert.deepEqual(calls("Tell me a joke"), []);
  assert.deepEqual(calls("What is the weather in Paris?", { tools: [] }), []);
});

Deno.test("chooseCalls() calls once for each thing that is named, unless told not to", () => {
  const cities = calls("What is the weather in Paris and Rome?").map(([, args]) => args.city);
  assert.deepEqual(cities, ["Paris", "Rome"]);
  const one = calls("What is the weather in Paris and Rome?", { parallel_tool_calls: false });
  assert.equal(one.length, 1);
});

Deno.test("chooseCalls() keeps to tool_choice", () => {
  const names = (choice: unknown, content: string) =>
    calls(content, { tool_choice: choice }).map(([name]) => name);
  assert.deepEqual(names("none", "weather in Oslo?"), []);
  assert.deepEqual(names("required", "Tell me a joke"), ["get_weather"]);
  assert.deepEqual(names("auto", "weather in Oslo?"), ["get_weather"]);
  const named = { type: "function", function: { name: "stockPrice" } };
  assert.deepEqual(names(named, "weather in Oslo?"), ["stockPrice"]);
});

Deno.test("chooseCalls() does not call again once it has the result", () => {
  const request: ChatRequest = {
    model: "m",
    messages: [
      { role: "user", content: "What is the weather in Paris?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather" } }],
      },
      { role: "tool", tool_call_id: "c1", content: '{"temperature": 21}' },
    ],
    tools: [weather],
  };
  const conversation = readConversation(request.messages);
  assert.deepEqual(chooseCalls(request, conversation), []);
  assert.equal(
    reportResults(conversation.toolResults),
    'According to get_weather: {"temperature": 21}.',
  );
});
