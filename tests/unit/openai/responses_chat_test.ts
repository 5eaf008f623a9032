import assert from "node:assert/strict";
import { toChatRequest, toMessages } from "../../../src/openai/responses_chat.ts";
import {
  type ResponsesRequest,
  responsesRequestSchema,
} from "../../../src/openai/responses_request.ts";

function request(change: Record<string, unknown> = {}): ResponsesRequest {
  return responsesRequestSchema.parse({ model: "fusion/x", input: "Hi", ...change });
}

function turns(input: unknown) {
  return toMessages(request({ input }).input);
}

function chat(change: Record<string, unknown>) {
  const { model: _model, messages: _messages, ...rest } = toChatRequest(request(change), []);
  return rest;
}

Deno.test("toMessages() takes a text for a user's turn", () => {
  assert.deepEqual(turns("Hi"), [{ role: "user", content: "Hi" }]);
});

Deno.test("toMessages() takes items without a type for messages", () => {
  assert.deepEqual(turns([{ role: "developer", content: "Be brief" }]), [
    { role: "developer", content: "Be brief" },
  ]);
});

Deno.test("toMessages() puts a turn's text and calls into one message, results after it", () => {
  const input = [
    { role: "user", content: "Weather?" },
    { type: "reasoning", id: "rs_1", summary: [] },
    {
      role: "assistant",
      content: [{ type: "output_text", text: "Let me " }, {
        type: "output_text",
        text: "see",
      }],
    },
    { type: "function_call", call_id: "a", name: "weather", arguments: '{"in":"Rome"}' },
    { type: "function_call", call_id: "b", name: "weather", arguments: '{"in":"Oslo"}' },
    { type: "function_call_output", call_id: "a", output: "warm" },
    { type: "function_call_output", call_id: "b", output: [{ type: "input_text", text: "cold" }] },
    { type: "function_call", call_id: "c", name: "weather", arguments: "{}" },
  ];
  const call = (id: string, args: string) => ({
    id,
    type: "function",
    function: { name: "weather", arguments: args },
  });
  assert.deepEqual(turns(input), [
    { role: "user", content: "Weather?" },
    {
      role: "assistant",
      content: "Let me see",
      tool_calls: [call("a", '{"in":"Rome"}'), call("b", '{"in":"Oslo"}')],
    },
    { role: "tool", tool_call_id: "a", content: "warm" },
    { role: "tool", tool_call_id: "b", content: "cold" },
    { role: "assistant", content: null, tool_calls: [call("c", "{}")] },
  ]);
});

Deno.test("toMessages() gives every content part its other name", () => {
  const [turn] = turns([{
    role: "user",
    content: [
      { type: "input_text", text: "See" },
      { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "low" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    ],
  }]);
  assert.deepEqual(turn!.content, [
    { type: "text", text: "See" },
    { type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "low" } },
    { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" } },
    { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
  ]);
});

Deno.test("toMessages() keeps an assistant's refusal apart from its text", () => {
  const [turn] = turns([{ role: "assistant", content: [{ type: "refusal", refusal: "No." }] }]);
  assert.deepEqual(turn, { role: "assistant", content: null, refusal: "No." });
});

Deno.test("toChatRequest() puts instructions before the conversation", () => {
  const { messages } = toChatRequest(request({ instructions: "Be brief" }), [
    { role: "user", content: "Hi" },
  ]);
  assert.deepEqual(messages, [
    { role: "system", content: "Be brief" },
    { role: "user", content: "Hi" },
  ]);
});

Deno.test("toChatRequest() gives every parameter its other name", () => {
  const schema = { type: "object" };
  assert.deepEqual(
    chat({
      max_output_tokens: 9,
      reasoning: { effort: "low", summary: "auto" },
      text: { format: { type: "json_schema", name: "n", schema, strict: true }, verbosity: "low" },
      tools: [{ type: "function", name: "f", parameters: schema, strict: null, description: "d" }],
      tool_choice: { type: "function", name: "f" },
      top_logprobs: 2,
    }),
    {
      max_tokens: 9,
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "n", schema, strict: true } },
      verbosity: "low",
      tools: [{ type: "function", function: { name: "f", parameters: schema, description: "d" } }],
      tool_choice: { type: "function", function: { name: "f" } },
      logprobs: true,
      top_logprobs: 2,
    },
  );
});

Deno.test("toChatRequest() passes on what goes by the same name, and what it does not know", () => {
  const same = {
    temperature: 0.5,
    top_p: 0.9,
    user: "u",
    parallel_tool_calls: false,
    stream: true,
    service_tier: "flex",
    top_k: 40,
    stop: ["x"],
    fusion: { trace: true },
  };
  assert.deepEqual(chat(same), same);
});

Deno.test("toChatRequest() keeps to itself what only a response has", () => {
  const own = {
    store: true,
    metadata: { a: "b" },
    previous_response_id: "resp_1",
    include: ["reasoning.encrypted_content"],
    truncation: "disabled",
    background: false,
    max_tool_calls: 3,
    stream_options: { include_obfuscation: false },
    text: { format: { type: "text" } },
    tools: [],
    temperature: null,
  };
  assert.deepEqual(chat(own), {});
});

Deno.test("toChatRequest() carries allowed tools and asks for logprobs that are included", () => {
  const tools = [{ type: "function", name: "f" }];
  assert.deepEqual(
    chat({
      tool_choice: { type: "allowed_tools", mode: "required", tools },
      include: ["message.output_text.logprobs"],
    }),
    {
      tool_choice: {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] },
      },
      logprobs: true,
    },
  );
});
