/**
 * Every parameter through the whole gateway: which stage it reaches, as an upstream sees it.
 */
import assert from "node:assert/strict";
import { PARAMETER_REACH } from "../../src/fusion/parameters.ts";
import { QUESTION, ServedGateway } from "../support/served_gateway.ts";

const tools = [{ type: "function", function: { name: "get_time", description: "The time" } }];

const PARAMETERS = {
  user: "someone",
  safety_identifier: "s",
  temperature: 0.4,
  top_p: 0.9,
  seed: 7,
  reasoning_effort: "low",
  verbosity: "low",
  prompt_cache_key: "k",
  tools,
  tool_choice: "auto",
  parallel_tool_calls: true,
  functions: [{ name: "look" }],
  function_call: "auto",
  n: 2,
  stop: ["\u0000"],
  max_tokens: 500,
  max_completion_tokens: 500,
  response_format: { type: "text" },
  logprobs: true,
  top_logprobs: 2,
  logit_bias: { "5": 1 },
  presence_penalty: 0.1,
  frequency_penalty: 0.2,
  prediction: { type: "content", content: "x" },
  modalities: ["text"],
  audio: { voice: "v", format: "mp3" },
  web_search_options: {},
  service_tier: "flex",
  store: true,
  metadata: { own: "thing" },
  prompt_cache_retention: "24h",
  somebodys_own: { nested: [1] },
};

function sent(gateway: ServedGateway, model: string): Record<string, unknown> {
  const { model: _model, messages: _messages, stream: _stream, ...rest } = gateway.bodies(model).at(
    -1,
  );
  return rest;
}

function reaching(...reaches: string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(PARAMETERS).filter(([name]) =>
      reaches.includes(PARAMETER_REACH[name] ?? "final")
    ),
  );
}

Deno.test("every parameter reaches its stages and no other, streamed and not", async () => {
  assert.deepEqual(
    Object.keys(PARAMETER_REACH).filter((name) =>
      PARAMETER_REACH[name] !== "gateway" && !(name in PARAMETERS)
    ),
    [],
  );
  await using gateway = await ServedGateway.start({
    router: 'policy = "classifier"\nclassifier_model = "router"',
    tools: 'policy = "advise"',
    script: ({ model }) => model === "router" ? { answer: "0.9" } : undefined,
  });
  const whole = await gateway.ask(PARAMETERS);
  assert.equal(whole.status, 200, JSON.stringify(whole.body));
  assert.equal(whole.body.choices.length, 2);
  for (const model of ["a", "b", "c"]) {
    assert.deepEqual(sent(gateway, model), reaching("panel", "every"), model);
  }
  assert.deepEqual(sent(gateway, "router"), {
    ...reaching("every"),
    temperature: 0,
    max_tokens: 48,
  });
  const { response_format: _own, ...judged } = sent(gateway, "judge");
  assert.deepEqual(judged, { ...reaching("every"), temperature: 0 });
  assert.deepEqual(sent(gateway, "synth"), PARAMETERS);

  const streamed = await gateway.stream({ ...PARAMETERS, stream_options: { include_usage: true } });
  assert(streamed.done, JSON.stringify(streamed.error));
  const { stream_options, ...final } = sent(gateway, "synth");
  assert.deepEqual(final, PARAMETERS);
  assert.deepEqual(stream_options, { include_usage: true });

  await gateway.ask({ ...PARAMETERS, fusion: { route: "single" } });
  assert.deepEqual(sent(gateway, "solo"), PARAMETERS);
});

Deno.test("under first_call the members have the tools", async () => {
  await using gateway = await ServedGateway.start({ tools: 'policy = "first_call"' });
  await gateway.ask(PARAMETERS);
  assert.deepEqual(sent(gateway, "a"), reaching("panel", "every", "panel_tools"));
});

Deno.test("several choices and log probabilities come from the final call, streamed and not", async () => {
  await using gateway = await ServedGateway.start();
  const wish = { n: 3, logprobs: true, top_logprobs: 1, max_tokens: 5 };
  const { body } = await gateway.ask(wish);
  assert.deepEqual(body.choices.map(({ index }: { index: number }) => index), [0, 1, 2]);
  assert(body.choices[0].logprobs.content.length > 0);
  assert.equal(body.choices[0].finish_reason, "length");
  const { finishReasons, chunks } = await gateway.stream(wish);
  assert.deepEqual(finishReasons, ["length", "length", "length"]);
  assert(chunks.some(({ choices }) => choices[0]?.logprobs?.content?.length > 0));
});

Deno.test("what a fused answer cannot honour is a 400 that names it, and one model may", async () => {
  await using gateway = await ServedGateway.start();
  const prefixed = [...QUESTION, { role: "assistant", content: "The", prefix: true }];
  const cases: [string, Record<string, unknown>][] = [
    ["continue_final_message", { continue_final_message: true }],
    ["add_generation_prompt", { add_generation_prompt: false }],
    ["echo", { echo: true }],
    ["prompt_logprobs", { prompt_logprobs: 1 }],
    ["messages[1].prefix", { messages: prefixed }],
  ];
  for (const [param, wish] of cases) {
    const { status, body } = await gateway.ask(wish);
    assert.equal(status, 400, param);
    assert.deepEqual([body.error.param, body.error.code], [param, "unsupported_parameter"]);
    assert.match(body.error.message, /Cannot honour/);
    assert.equal((await gateway.ask({ ...wish, fusion: { route: "single" } })).status, 200, param);
  }
  const harmless = {
    continue_final_message: false,
    add_generation_prompt: true,
    echo: false,
    prompt_logprobs: null,
  };
  assert.equal((await gateway.ask(harmless)).status, 200);
});

for (
  const [name, wish] of [
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["modalities", { modalities: ["text", "audio"], audio: { voice: "v", format: "mp3" } }],
    ["guided_json", { guided_json: { type: "object" } }],
  ] as const
) {
  Deno.test(`a panel answer does not stand in where ${name} is asked for`, async () => {
    await using gateway = await ServedGateway.start({
      script: ({ model }) => model === "synth" ? { status: 500 } : undefined,
    });
    const { status, body } = await gateway.ask(wish);
    assert.deepEqual([status, body.error.code], [502, "upstream_error"]);
    assert.match(body.error.message, new RegExp(`written without ${name}`));
  });
}
