/**
 * Probes: small questions to an OpenAI-compatible server, each of which it passes or fails. What
 * OpenAI's API reference promises of chat completions, one promise at a time.
 * Source: OpenAI API reference, "Chat Completions", "Models", "Error codes".
 * @module
 */
import assert from "node:assert/strict";

// deno-lint-ignore no-explicit-any -- what a stranger's server says has no types
type Json = any;

export interface Server {
  readonly baseUrl: string;
  readonly model: string;
}

export interface Probe {
  readonly name: string;
  readonly run: (server: Server) => Promise<void>;
}

const MESSAGES = [{ role: "user", content: "Why is the sky dark at night?" }];

async function send({ baseUrl }: Server, path: string, body: unknown): Promise<Response> {
  return await fetch(`${baseUrl}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer none" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function complete(server: Server, change: Json): Promise<Json> {
  const body = { model: server.model, messages: MESSAGES, ...change };
  const response = await send(server, "chat/completions", body);
  const answer = await response.json();
  assert.equal(response.status, 200);
  return answer;
}

async function stream(server: Server, change: Json): Promise<Json[]> {
  const body = { model: server.model, messages: MESSAGES, stream: true, ...change };
  const response = await send(server, "chat/completions", body);
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const data = text.split("\n").filter((line) => line.startsWith("data: "))
    .map((line) => line.slice(6));
  assert.equal(data.at(-1), "[DONE]");
  return data.slice(0, -1).map((each) => JSON.parse(each));
}

function assertMessage(answer: Json): void {
  assert.equal(answer.object, "chat.completion");
  assert.match(answer.id, /^chatcmpl-/);
  assert.ok(Number.isInteger(answer.created));
  const [{ index, message, finish_reason: reason }] = answer.choices;
  assert.deepEqual([index, message.role], [0, "assistant"]);
  assert.ok(message.content.length > 0);
  assert.match(reason, /^(stop|length)$/);
}

/** An error in OpenAI's shape, whatever it says. */
async function assertRefused(response: Response, status: number): Promise<Json> {
  const { error } = await response.json();
  assert.equal(response.status, status);
  assert.equal(typeof error.message, "string");
  assert.equal(typeof error.type, "string");
  assert.ok("param" in error && "code" in error);
  return error;
}

const tool = (name: string) => ({
  type: "function",
  function: {
    name,
    description: "Current weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
});
const TOOLS = [tool("get_weather"), tool("get_forecast")];
const CALLED = {
  role: "assistant",
  content: null,
  tool_calls: [{
    id: "call_1",
    type: "function",
    function: { name: "get_weather", arguments: '{"city":"Paris"}' },
  }],
};

function assertCall(answer: Json, name?: string): void {
  const [{ message, finish_reason: reason }] = answer.choices;
  // Some say `stop` of a call that was forced, as OpenAI does.
  assert.match(reason, /^(tool_calls|stop)$/);
  const [call] = message.tool_calls;
  assert.equal(call.type, "function");
  assert.ok(call.id.length > 0);
  if (name !== undefined) assert.equal(call.function.name, name);
  JSON.parse(call.function.arguments);
}

/** Parameters that an answer only has to bear. */
const BORNE: Readonly<Record<string, Json>> = {
  temperature: 0,
  top_p: 0.5,
  seed: 7,
  max_tokens: 64,
  max_completion_tokens: 64,
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  logit_bias: { "50256": -100 },
  user: "somebody",
  metadata: { a: "b" },
  store: false,
  service_tier: "auto",
  reasoning_effort: "low",
  verbosity: "low",
  prediction: { type: "content", content: "The sky" },
  modalities: ["text"],
  safety_identifier: "somebody",
  prompt_cache_key: "key",
  stop: ["\u0000"],
  parallel_tool_calls: undefined,
  response_format: { type: "text" },
};

/** Requests that are at fault, and with what. */
const FAULTY: Readonly<Record<string, Json>> = {
  "no messages": { messages: undefined },
  "an empty conversation": { messages: [] },
  "an unknown role": { messages: [{ role: "nobody", content: "x" }] },
  "content that is a number": { messages: [{ role: "user", content: 5 }] },
  "a temperature of 3": { temperature: 3 },
  "an n of 0": { n: 0 },
  "max_tokens of 0": { max_tokens: 0 },
  "no model": { model: undefined },
};

export const PROBES: readonly Probe[] = [
  ...Object.entries(BORNE).map(([name, value]) => ({
    name: `bears ${name}`,
    run: async (server: Server) => assertMessage(await complete(server, { [name]: value })),
  })),
  ...Object.entries(FAULTY).map(([name, change]) => ({
    name: `refuses ${name}`,
    run: async (server: Server) => {
      const body = { model: server.model, messages: MESSAGES, ...change };
      await assertRefused(await send(server, "chat/completions", body), 400);
    },
  })),
  {
    name: "refuses broken JSON",
    run: async (server) => {
      await assertRefused(await send(server, "chat/completions", '{"model": '), 400);
    },
  },
  {
    name: "knows not every model",
    run: async (server) => {
      const body = { model: "no-such-model-anywhere", messages: MESSAGES };
      const error = await assertRefused(await send(server, "chat/completions", body), 404);
      assert.equal(error.code, "model_not_found");
    },
  },
  {
    name: "knows not every path",
    run: async (server) => {
      const response = await send(server, "no/such/path", {});
      assert.equal(response.status, 404);
      await response.body?.cancel();
    },
  },
  {
    name: "lists its models",
    run: async ({ baseUrl, model }) => {
      const list = await (await fetch(`${baseUrl}/models`)).json();
      assert.equal(list.object, "list");
      const found = list.data.find(({ id }: Json) => id === model);
      assert.equal(found.object, "model");
      assert.equal(typeof found.owned_by, "string");
    },
  },
  {
    name: "shows one model",
    run: async ({ baseUrl, model }) => {
      const found = await (await fetch(`${baseUrl}/models/${model}`)).json();
      assert.deepEqual([found.id, found.object], [model, "model"]);
    },
  },
  {
    name: "counts tokens",
    run: async (server) => {
      const { usage } = await complete(server, {});
      assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    },
  },
  {
    name: "answers as often as asked",
    run: async (server) => {
      const { choices } = await complete(server, { n: 3 });
      assert.deepEqual(choices.map(({ index }: Json) => index), [0, 1, 2]);
    },
  },
  {
    name: "streams as often as asked",
    run: async (server) => {
      const chunks = await stream(server, { n: 2 });
      const finished = chunks.flatMap(({ choices }) => choices)
        .filter(({ finish_reason: reason }: Json) => reason).map(({ index }: Json) => index);
      assert.deepEqual(finished.sort(), [0, 1]);
    },
  },
  {
    name: "is cut at max_tokens",
    run: async (server) => {
      const { choices } = await complete(server, { max_tokens: 2 });
      assert.equal(choices[0].finish_reason, "length");
    },
  },
  {
    name: "tells log probabilities",
    run: async (server) => {
      const { choices } = await complete(server, { logprobs: true, top_logprobs: 2 });
      const [first] = choices[0].logprobs.content;
      assert.equal(typeof first.logprob, "number");
      assert.equal(first.top_logprobs.length, 2);
    },
  },
  {
    name: "takes content in parts",
    run: async (server) => {
      const content = [{ type: "text", text: "Why is the sky" }, {
        type: "text",
        text: "dark at night?",
      }];
      assertMessage(await complete(server, { messages: [{ role: "user", content }] }));
    },
  },
  {
    name: "takes an image",
    run: async (server) => {
      const url = "data:image/png;base64,iVBORw0KGgo=";
      const content = [{ type: "text", text: "What is it?" }, {
        type: "image_url",
        image_url: { url },
      }];
      assertMessage(await complete(server, { messages: [{ role: "user", content }] }));
    },
  },
  {
    name: "takes every role",
    run: async (server) => {
      const messages = [
        { role: "system", content: "Be brief." },
        { role: "developer", content: "Be kind." },
        { role: "user", content: "Hello", name: "somebody" },
        { role: "assistant", content: "Hello." },
        ...MESSAGES,
      ];
      assertMessage(await complete(server, { messages }));
    },
  },
  {
    name: "streams well-formed chunks",
    run: async (server) => {
      const chunks = await stream(server, {});
      assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
      assert.ok(chunks.every(({ object }) => object === "chat.completion.chunk"));
      assert.ok(chunks.every(({ choices }) => choices.length === 1));
      const choices = chunks.map(({ choices: [choice] }) => choice);
      assert.equal(choices[0].delta.role, "assistant");
      assert.ok(choices.slice(1).every(({ delta }) => !("role" in delta)));
      const reasons = choices.map(({ finish_reason: reason }) => reason);
      assert.deepEqual(reasons.filter(Boolean), ["stop"]);
      assert.equal(reasons.at(-1), "stop");
      assert.ok(choices.map(({ delta }) => delta.content ?? "").join("").length > 0);
    },
  },
  {
    name: "streams its usage last, and only then",
    run: async (server) => {
      const chunks = await stream(server, { stream_options: { include_usage: true } });
      const last = chunks.at(-1);
      assert.deepEqual(last.choices, []);
      assert.ok(last.usage.total_tokens > 0);
      assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
    },
  },
  {
    name: "streams no usage unasked",
    run: async (server) => {
      const chunks = await stream(server, {});
      assert.ok(chunks.every((chunk) => !chunk.usage));
    },
  },
  {
    name: "calls the tool that it is told to",
    run: async (server) => {
      const choice = { type: "function", function: { name: "get_weather" } };
      const asked = { tools: TOOLS, tool_choice: choice };
      assertCall(await complete(server, asked), "get_weather");
    },
  },
  {
    name: "calls some tool where it has to",
    run: async (server) =>
      assertCall(await complete(server, { tools: TOOLS, tool_choice: "required" })),
  },
  {
    name: "calls none where it may not",
    run: async (server) =>
      assertMessage(await complete(server, { tools: TOOLS, tool_choice: "none" })),
  },
  {
    name: "streams calls with their index, id and name first",
    run: async (server) => {
      const chunks = await stream(server, { tools: TOOLS, tool_choice: "required" });
      const calls = chunks.flatMap(({ choices: [choice] }) => choice.delta.tool_calls ?? []);
      assert.ok(calls.every(({ index }) => Number.isInteger(index)));
      assert.ok(calls[0].id.length > 0 && calls[0].function.name.length > 0);
      assert.ok(calls.slice(1).every(({ index, id }) => index > 0 || id === undefined));
      const args = calls.filter(({ index }) => index === 0)
        .map(({ function: called }) => called.arguments ?? "").join("");
      JSON.parse(args);
    },
  },
  {
    name: "goes on after a tool's result",
    run: async (server) => {
      const messages = [
        { role: "user", content: "What is the weather in Paris?" },
        CALLED,
        { role: "tool", tool_call_id: "call_1", content: "18 degrees and rain" },
      ];
      const answer = await complete(server, { messages, tools: TOOLS });
      assertMessage(answer);
      assert.match(answer.choices[0].message.content, /18/);
    },
  },
  {
    name: "keeps to a schema",
    run: async (server) => {
      const schema = {
        type: "object",
        properties: { city: { type: "string" }, degrees: { type: "number" } },
        required: ["city", "degrees"],
        additionalProperties: false,
      };
      const json_schema = { name: "report", strict: true, schema };
      const { choices } = await complete(server, {
        messages: [{ role: "user", content: "Report the weather in Paris: 18 degrees." }],
        response_format: { type: "json_schema", json_schema },
      });
      const report = JSON.parse(choices[0].message.content);
      assert.deepEqual(Object.keys(report).sort(), ["city", "degrees"]);
    },
  },
  {
    name: "answers in JSON",
    run: async (server) => {
      const { choices } = await complete(server, {
        messages: [{ role: "user", content: "Give me a JSON object about Paris." }],
        response_format: { type: "json_object" },
      });
      JSON.parse(choices[0].message.content);
    },
  },
];
