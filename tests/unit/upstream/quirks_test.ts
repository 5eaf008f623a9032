import assert from "node:assert/strict";
import { readErrorObject } from "../../../src/upstream/error_object.ts";
import { learnQuirk } from "../../../src/upstream/quirks.ts";
import { http, RawUpstream } from "../../support/raw_upstream.ts";
import { Caller, callOf, failureOfCall } from "../../support/upstream_calls.ts";

const params = { temperature: 0.7, response_format: {}, stream: true, stream_options: {} };
const droppable = new Set(["temperature", "response_format", "stream_options"]);

/** Refusals as they were seen, and what they teach. */
const wordings: [who: string, body: unknown, quirk: string | null][] = [
  ["OpenAI, a value", {
    error: {
      message:
        "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.",
      type: "invalid_request_error",
      param: "temperature",
      code: "unsupported_value",
    },
  }, "drop_temperature"],
  ["OpenAI through a proxy that keeps the message alone", {
    error: {
      message:
        "Error code: 400 - {'error': {'message': \"Unsupported value: 'temperature' does not support 0 with this model.",
    },
  }, "drop_temperature"],
  ["OpenAI, an unknown field", {
    error: {
      message: "Unknown parameter: 'stream_options'.",
      type: "invalid_request_error",
      param: "stream_options",
      code: "unknown_parameter",
    },
  }, "drop_stream_options"],
  ["OpenAI, a schema", {
    error: {
      message: "Invalid schema for response_format 'analysis': In context=(), …",
      param: "response_format",
      code: null,
    },
  }, "drop_response_format"],
  ["OpenAI, a part of a parameter", {
    error: { message: "Invalid value.", param: "response_format.json_schema.schema" },
  }, "drop_response_format"],
  ["OpenAI, older", {
    error: { message: "Unrecognized request argument supplied: stream_options" },
  }, "drop_stream_options"],
  ["Azure", {
    error: {
      requestid: "x",
      code: 400,
      message: "Validation error at #/stream_options: Extra inputs are not permitted",
    },
  }, "drop_stream_options"],
  ["vLLM", {
    object: "error",
    message:
      "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted', 'input': {}}]",
    type: "BadRequestError",
    param: null,
    code: 400,
  }, "drop_stream_options"],
  ["Mistral", {
    object: "error",
    message: {
      detail: [{
        type: "extra_forbidden",
        loc: ["body", "stream_options"],
        msg: "Extra inputs are not permitted",
        input: {},
      }],
    },
    type: "invalid_request_error",
    param: null,
  }, "drop_stream_options"],
  ["FastAPI", {
    detail: [{
      type: "extra_forbidden",
      loc: ["body", "temperature"],
      msg: "Extra inputs are not permitted",
    }],
  }, "drop_temperature"],
  ["Fireworks", {
    error: { message: "Extra inputs are not permitted, field: 'stream_options'" },
  }, "drop_stream_options"],
  ["Groq", {
    error: { message: "property 'stream_options' is unsupported, did you mean 'stream'?" },
  }, "drop_stream_options"],
  ["LiteLLM", {
    error: {
      message:
        "litellm.UnsupportedParamsError: gpt-5-nano doesn't support temperature=0.1 while reasoning is active. Only temperature=1 is supported unless reasoning_effort resolves to 'none'",
      type: "invalid_request_error",
      param: null,
      code: "400",
    },
  }, "drop_temperature"],
  ["LiteLLM, a list", {
    error: {
      message:
        "litellm.UnsupportedParamsError: ollama_chat does not support parameters: ['response_format'], for model=llama3.2.",
    },
  }, "drop_response_format"],
  ["Moonshot", {
    error: {
      message: "invalid temperature: only 1 is allowed for this model",
      type: "invalid_request_error",
    },
  }, "drop_temperature"],
  ["DeepSeek", {
    error: {
      message: "This response_format type is unavailable now",
      type: "invalid_request_error",
      param: null,
      code: "invalid_request_error",
    },
  }, "drop_response_format"],
  [
    "LM Studio",
    { error: "'response_format.type' must be 'json_schema' or 'text'" },
    "drop_response_format",
  ],
  ["xAI", {
    code: "Client specified an invalid argument",
    error: "Argument not supported on this model: responseFormat",
  }, "drop_response_format"],
  ["llama.cpp", {
    error: { code: 400, message: "Unsupported param: temperature", type: "invalid_request_error" },
  }, "drop_temperature"],
  ["Anthropic", {
    error: { message: "`temperature` and `top_p` cannot both be specified for this model." },
  }, "drop_temperature"],
  ["no JSON", "temperature is not supported", "drop_temperature"],
  ["something else that is wrong", {
    error: { message: "Invalid value: this model's maximum context length is 8192 tokens." },
  }, null],
  ["a word that only looks like it", {
    error: { message: "Unsupported: the temperatures and re_temperature in your prompt" },
  }, null],
  ["nothing that can be read", "", null],
];
const NONE: ReadonlySet<string> = new Set();
const refused = (of: { params?: object; droppable?: ReadonlySet<string> }) => ({
  status: 400,
  messages: [],
  params: { ...of.params },
  droppable: of.droppable ?? NONE,
});

for (const [who, body, quirk] of wordings) {
  Deno.test(`learnQuirk() understands a refusal: ${who}`, () => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const error = readErrorObject(text);
    assert.equal(learnQuirk(error, refused({ params, droppable }), NONE), quirk);
  });
}

const named = (message: string, param?: string) =>
  readErrorObject(JSON.stringify({ error: { message, ...(param ? { param } : {}) } }));

Deno.test("learnQuirk() learns the other name of a token limit, also of one that may not be dropped", () => {
  const openai = named(
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "max_tokens",
  );
  const mistral = readErrorObject(
    `{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted","input":8192}]}`,
  );
  const limit = refused({ params: { max_tokens: 5 } });
  assert.equal(learnQuirk(openai, limit, NONE), "max_completion_tokens");
  const newer = refused({ params: { max_completion_tokens: 5 } });
  assert.equal(learnQuirk(mistral, newer, NONE), "max_tokens");
});

Deno.test("learnQuirk() takes a wrong value of a token limit for no other name", () => {
  for (
    const error of [
      named("max_tokens must be at most 4096", "max_tokens"),
      named("max_tokens is too large: 100000. At most 16384 completion tokens.", "max_tokens"),
    ]
  ) assert.equal(learnQuirk(error, refused({ params: { max_tokens: 5 } }), NONE), null);
});

Deno.test("learnQuirk() does not rename to and fro, nor onto a parameter that is there", () => {
  const both = named("Unknown: max_tokens, max_completion_tokens");
  const known = new Set(["max_completion_tokens"]);
  assert.equal(learnQuirk(both, refused({ params: { max_tokens: 5 } }), known), null);
  const params = { max_tokens: 5, max_completion_tokens: 5 };
  assert.equal(learnQuirk(both, refused({ params }), NONE), null);
});

// ---- In the client

const good = { choices: [{ message: { content: "x" }, finish_reason: "stop" }] };
const refusal = (message: string, param?: string) =>
  http({ error: { message, param } }, { status: 400 });

/** An upstream that knows none of these parameters. */
function strict(...unknown: string[]): RawUpstream {
  return new RawUpstream((to, { body }) => {
    const name = unknown.find((name) => name in body);
    return to.write(name ? refusal(`Unknown parameter: '${name}'.`, name) : http(good));
  });
}

Deno.test("UpstreamClient learns what a model does not take once, and remembers it", async () => {
  await using upstream = strict("temperature", "max_tokens", "response_format");
  const caller = new Caller(upstream.baseUrl);
  const call = {
    params: { temperature: 1, max_tokens: 5, response_format: {} },
    droppable: ["temperature", "response_format"],
  };
  await caller.complete(call);
  assert.equal(upstream.requests.length, 4);
  await caller.complete(call);
  assert.equal(upstream.requests.length, 5);
  const { messages: _, ...sent } = upstream.requests[4]!.body;
  assert.deepEqual(sent, { model: "m", max_completion_tokens: 5 });
  // Of another model nothing is known.
  await caller.complete({ ...call, model: "other" });
  assert.equal(upstream.requests.length, 9);
});

Deno.test("UpstreamClient never drops what the caller asked for, whatever it has learned", async () => {
  await using upstream = strict("temperature");
  const caller = new Caller(upstream.baseUrl);
  const params = { temperature: 1 };
  await caller.complete({ params, droppable: ["temperature"] });
  const failure = await failureOfCall(caller.complete({ params }));
  assert.equal(failure.code, "http_400");
  assert.equal(upstream.requests.at(-1)!.body.temperature, 1);
  assert.equal(upstream.requests.length, 3);
});

Deno.test("UpstreamClient learns from calls that run side by side, and forgets none of it", async () => {
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  await using upstream = new RawUpstream(async (to, { body }) => {
    const name = ["temperature", "seed"].find((name) => name in body);
    if (!name) return await to.write(http(good));
    // All of them are refused, before any of them has learned.
    if (++waiting === 3) gate.resolve();
    await gate.promise;
    await to.write(refusal("Unknown parameter", name));
  });
  const caller = new Caller(upstream.baseUrl);
  const call = (params: object) =>
    caller.complete({ params: { ...params }, droppable: ["temperature", "seed"] });
  await Promise.all([call({ temperature: 1 }), call({ temperature: 2 }), call({ seed: 1 })]);
  assert.equal(upstream.requests.length, 6);
  await call({ temperature: 1, seed: 1 });
  assert.equal(upstream.requests.length, 7);
});

Deno.test("UpstreamClient learns stream_options from a refused stream", async () => {
  await using upstream = new RawUpstream((to, { body }) =>
    to.write(
      "stream_options" in body
        ? refusal("Extra inputs are not permitted, field: 'stream_options'")
        : http('data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'),
    )
  );
  const caller = new Caller(upstream.baseUrl);
  assert.equal((await caller.stream()).text, "x");
  assert.equal((await caller.stream()).text, "x");
  assert.equal(upstream.requests.length, 3);
});

Deno.test("UpstreamClient gives up on an upstream that refuses without end", async () => {
  let nth = 0;
  await using upstream = new RawUpstream((to) => to.write(refusal("Unknown", `p${nth++}`)));
  const names = Array.from({ length: 20 }, (_, at) => `p${at}`);
  const failure = await failureOfCall(
    new Caller(upstream.baseUrl).complete({
      params: Object.fromEntries(names.map((name) => [name, 1])),
      droppable: names,
    }),
  );
  assert.equal(failure.code, "http_400");
  assert.equal(upstream.requests.length, 7);
});

Deno.test("UpstreamClient tries no refusal again that teaches nothing, nor one of another status", async () => {
  for (const status of [401, 403, 404, 409, 429, 500]) {
    await using upstream = new RawUpstream((to) =>
      to.write(
        http({ error: { message: "Unknown: temperature", param: "temperature" } }, { status }),
      )
    );
    const { client, clock } = new Caller(upstream.baseUrl);
    const call = callOf({ params: { temperature: 1 }, droppable: ["temperature"] });
    const signal = new AbortController().signal;
    assert.equal((await failureOfCall(client.complete(call, { clock, signal }))).status, status);
    assert.equal(upstream.requests.length, 1);
  }
});
