/**
 * Tools under every policy, through the whole gateway: who is given them, who is told of them, who
 * decides, and that a loop costs the panel once.
 */
import assert from "node:assert/strict";
import type { Behaviour } from "../../src/simulation/behaviour.ts";
import { type Json, ServedGateway } from "../support/served_gateway.ts";

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const tools = [weather];
const ASKING = [{ role: "user", content: 'What is the weather in "Rome"?' }];
const ROME = { name: "get_weather", arguments: '{"city":"Rome"}' };
const PANEL = ["a", "b", "c"];

const calls = (...made: { id?: string; name: string; arguments: string }[]): Behaviour => ({
  toolCalls: made.map((call, at) => ({ id: `call_${at}`, ...call })),
});

/** What a client does with a call: the next request of its loop. */
function nextStep(message: Json & { tool_calls: { id: string }[] }): Json {
  const results = message.tool_calls.map(({ id }) => ({
    role: "tool",
    tool_call_id: id,
    content: "18 degrees and rain",
  }));
  return { messages: [...ASKING, { role: "assistant", ...message }, ...results], tools };
}

const sortedPanel = (gateway: ServedGateway) => gateway.asked.slice(0, 3).sort();

Deno.test("bypass sends tools and loops to the single model, untouched", async () => {
  await using gateway = await ServedGateway.start();
  const { body, headers } = await gateway.ask({ messages: ASKING, tools, tool_choice: "auto" });
  assert.equal(headers.get("x-fusion-outcome"), "single");
  const [choice] = body.choices;
  assert.equal(choice.finish_reason, "tool_calls");
  assert.equal(choice.message.content, null);
  assert.deepEqual(choice.message.tool_calls[0].function, ROME);
  const step = nextStep(choice.message);
  const done = await gateway.ask(step);
  assert.match(done.body.choices[0].message.content, /18 degrees/);
  assert.deepEqual(gateway.asked, ["solo", "solo"]);
  const [first, second] = gateway.bodies("solo");
  assert.deepEqual([first.tools, first.tool_choice], [tools, "auto"]);
  assert.deepEqual(second.messages, step.messages);
});

Deno.test("bypass streams calls as their upstream writes them", async () => {
  await using gateway = await ServedGateway.start();
  const { toolCalls, finishReasons, done, text } = await gateway.stream({
    messages: ASKING,
    tools,
  });
  assert.deepEqual([toolCalls[0].function, finishReasons, done, text], [
    ROME,
    ["tool_calls"],
    true,
    "",
  ]);
});

Deno.test("advise tells the panel and the judge of the tools and lets the synthesizer call", async () => {
  await using gateway = await ServedGateway.start({ tools: 'policy = "advise"' });
  const { body, headers } = await gateway.ask({ messages: ASKING, tools });
  assert.equal(headers.get("x-fusion-route"), "fuse");
  assert.equal(headers.get("x-fusion-outcome"), "fused");
  assert.deepEqual(body.choices[0].message.tool_calls[0].function, ROME);
  assert.equal(body.choices[0].finish_reason, "tool_calls");
  assert.deepEqual(sortedPanel(gateway), PANEL);
  for (const model of [...PANEL, "judge"]) {
    const [sent] = gateway.bodies(model);
    assert.equal(sent.tools, undefined, model);
    assert.equal(sent.tool_choice, undefined, model);
    assert.match(
      sent.messages[0].content,
      /- get_weather: Current weather of a city Parameters: .*"city"/,
    );
  }
  const [final] = gateway.bodies("synth");
  assert.deepEqual(final.tools, tools);
  assert.deepEqual(final.messages[0], ASKING[0]);
  assert.match(final.messages.at(-1).content, /You have tools/);
});

Deno.test("advise streams the synthesizer's call", async () => {
  await using gateway = await ServedGateway.start({ tools: 'policy = "advise"' });
  const { toolCalls, finishReasons, done } = await gateway.stream({ messages: ASKING, tools });
  assert.deepEqual([toolCalls[0].function, finishReasons, done], [ROME, ["tool_calls"], true]);
  assert(gateway.asked.includes("judge"));
});

Deno.test("advise may answer without a call", async () => {
  await using gateway = await ServedGateway.start({ tools: 'policy = "advise"' });
  const messages = [{ role: "user", content: "What is the capital of France?" }];
  const { body } = await gateway.ask({ messages, tools });
  assert.equal(body.choices[0].finish_reason, "stop");
  assert(body.choices[0].message.content.length > 0);
});

for (const policy of ["advise", "first_call"]) {
  Deno.test(`${policy} asks the panel once for a whole tool loop`, async () => {
    await using gateway = await ServedGateway.start({ tools: `policy = "${policy}"` });
    const first = await gateway.ask({ messages: ASKING, tools, fusion: { route: "fuse" } });
    const before = gateway.asked.length;
    const step = nextStep(first.body.choices[0].message);
    for (const fusion of [{}, { route: "fuse" }]) {
      const next = await gateway.ask({ ...step, fusion });
      assert.match(next.body.choices[0].message.content, /18 degrees/);
      assert.equal(next.headers.get("x-fusion-route"), "single");
    }
    assert((await gateway.stream(step)).done);
    assert.deepEqual(gateway.asked.slice(before), ["synth", "synth", "synth"]);
    assert.deepEqual(gateway.bodies("synth").at(-1).messages, step.messages);
  });

  Deno.test(`${policy} shows a later user turn the loop before it in a legal form`, async () => {
    await using gateway = await ServedGateway.start({
      tools: `policy = "${policy}"`,
      // A simulated upstream refuses calls without results and results without calls.
      backend: policy === "advise" ? 'quirks = ["alternate_roles"]' : "",
    });
    const { messages } = nextStep(
      { content: null, tool_calls: [{ id: "1", type: "function", function: ROME }] } as never,
    ) as { messages: Json[] };
    const conversation = [
      ...messages,
      { role: "assistant", content: "Rain." },
      { role: "user", content: "What is the capital of France?" },
    ];
    const { status, headers, body } = await gateway.ask({ messages: conversation, tools });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(headers.get("x-fusion-outcome"), "fused");
    const roles = (model: string) =>
      gateway.bodies(model)[0].messages.map(({ role }: { role: string }) => role);
    assert(!roles("judge").includes("tool"));
    assert.match(
      JSON.stringify(gateway.bodies("judge")[0].messages),
      /\[Result of get_weather\]\\n18 degrees/,
    );
    assert.equal(roles("a").includes("tool"), policy === "first_call");
    assert(roles("synth").includes("tool"));
  });
}

Deno.test("tool_choice of every form reaches who writes the call", async () => {
  await using gateway = await ServedGateway.start({ tools: 'policy = "advise"' });
  const messages = [{ role: "user", content: "What is the capital of France?" }];
  const named = { type: "function", function: { name: "get_weather" } };
  for (const tool_choice of ["required", named]) {
    const { body } = await gateway.ask({ messages, tools, tool_choice });
    assert.equal(body.choices[0].message.tool_calls[0].function.name, "get_weather");
    assert.deepEqual(gateway.bodies("synth").at(-1).tool_choice, tool_choice);
  }
  const none = await gateway.ask({ messages: ASKING, tools, tool_choice: "none" });
  assert.equal(none.body.choices[0].message.tool_calls, undefined);
  assert.doesNotMatch(JSON.stringify(gateway.bodies("a").at(-1)), /get_weather/);
});

Deno.test("first_call answers with the call that a quorum makes, without judge or synthesizer", async () => {
  const held = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    tools: 'policy = "first_call"',
    script: ({ model }) => {
      if (model === "c") return { until: held.promise };
      const args = model === "a" ? '{"city":"Rome","unit":"C"}' : '{"unit": "C", "city": "Rome"}';
      return calls({ id: `call_of_${model}`, name: "get_weather", arguments: args });
    },
  });
  const { body, headers } = await gateway.ask({
    messages: ASKING,
    tools,
    tool_choice: "auto",
    fusion: { trace: true },
  });
  held.resolve();
  assert.equal(headers.get("x-fusion-outcome"), "no_judge");
  const [{ message, finish_reason: reason }] = body.choices;
  assert.equal(reason, "tool_calls");
  assert.equal(message.tool_calls.length, 1);
  assert.match(message.tool_calls[0].id, /^call_of_[ab]$/);
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), {
    city: "Rome",
    unit: "C",
  });
  assert.deepEqual(sortedPanel(gateway), PANEL);
  assert.equal(gateway.asked.length, 3);
  assert.deepEqual(gateway.bodies("a")[0].tools, tools);
  assert.deepEqual(gateway.bodies("a")[0].tool_choice, "auto");
  assert(body.fusion.moments.some(({ what }: { what: string }) => what === "calls_agreed"));
  assert(!/tutti_degraded_total\{[^}]*\} [1-9]/.test(await gateway.metrics()));
});

Deno.test("first_call streams the agreed calls, each with its index and id", async () => {
  await using gateway = await ServedGateway.start({
    tools: 'policy = "first_call"',
    script: () => calls(ROME, { name: "get_weather", arguments: '{"city":"Oslo"}' }),
  });
  const { toolCalls, finishReasons, done, error } = await gateway.stream({
    messages: ASKING,
    tools,
  });
  assert.deepEqual([finishReasons, done, error], [["tool_calls"], true, undefined]);
  assert.deepEqual(toolCalls.map((call) => [call.id, call.type, call.function.arguments]), [
    ["call_0", "function", '{"city":"Rome"}'],
    ["call_1", "function", '{"city":"Oslo"}'],
  ]);
});

Deno.test("first_call merges what agrees and drops what only one member wants", async () => {
  const oslo = { name: "get_weather", arguments: '{"city":"Oslo"}' };
  const paris = { name: "get_weather", arguments: '{"city":"Paris"}' };
  await using gateway = await ServedGateway.start({
    tools: 'policy = "first_call"',
    panel: "min_quorum = 2",
    script: ({ model }) =>
      model === "a" ? calls(ROME, oslo) : model === "b" ? calls(ROME, paris) : calls(oslo),
  });
  const { body } = await gateway.ask({ messages: ASKING, tools });
  const args = body.choices[0].message.tool_calls.map((call: { function: { arguments: string } }) =>
    call.function.arguments
  );
  assert.deepEqual(args.sort(), ['{"city":"Oslo"}', '{"city":"Rome"}']);
});

Deno.test("first_call lets the synthesizer decide where no quorum agrees, showing it the calls", async () => {
  await using gateway = await ServedGateway.start({
    tools: 'policy = "first_call"',
    aggregator: "anonymize_sources = false",
    script: ({ model }) =>
      PANEL.includes(model)
        ? calls({ name: "get_weather", arguments: `{"city":"${model}"}` })
        : undefined,
  });
  const { body, headers } = await gateway.ask({ messages: ASKING, tools });
  assert.equal(headers.get("x-fusion-outcome"), "fused");
  assert.deepEqual(body.choices[0].message.tool_calls[0].function, ROME);
  const [final] = gateway.bodies("synth");
  assert.deepEqual(final.tools, tools);
  for (const model of PANEL) {
    assert(
      final.messages.at(-1).content.includes(`Tool call: get_weather({"city":"${model}"})`),
      model,
    );
  }
});

Deno.test("first_call fuses texts as ever where nobody calls", async () => {
  await using gateway = await ServedGateway.start({ tools: 'policy = "first_call"' });
  const { headers, body } = await gateway.ask({ tools });
  assert.equal(headers.get("x-fusion-outcome"), "fused");
  assert.equal(body.choices[0].finish_reason, "stop");
});

Deno.test("first_call asks a member that takes no tools in words", async () => {
  await using gateway = await ServedGateway.start({
    tools: 'policy = "first_call"',
    models: [{ name: "b", refuses: ["tools"] }],
    panel: "grace_ms = 5000",
    script: ({ model }) => model === "c" ? { answer: "It rains." } : undefined,
  });
  const { body } = await gateway.ask({ messages: ASKING, tools, fusion: { trace: true } });
  assert.deepEqual(body.fusion.panel.map(({ status }: { status: string }) => status), [
    "answered",
    "answered",
    "answered",
  ]);
  const sent = gateway.bodies("b");
  assert.equal(sent.length, 2);
  assert.equal(sent[1].tools, undefined);
  assert.match(JSON.stringify(sent[1].messages), /- get_weather/);
});

Deno.test("legacy functions are called, merged and answered in their own form", async () => {
  const functions = [weather.function];
  const legacy = JSON.stringify({
    choices: [{
      index: 0,
      message: { role: "assistant", content: null, function_call: ROME },
      finish_reason: "stop",
    }],
  });
  await using gateway = await ServedGateway.start({
    tools: 'policy = "first_call"',
    script: () => ({ body: legacy }),
  });
  const { body } = await gateway.ask({ messages: ASKING, functions });
  assert.deepEqual(body.choices[0].message.function_call, ROME);
  assert.equal(body.choices[0].finish_reason, "function_call");
  const single = await gateway.ask({ messages: ASKING, functions, fusion: { route: "single" } });
  assert.equal(single.body.choices[0].finish_reason, "function_call");
});

Deno.test("a synthesizer that fails is not replaced by an answer without the tools", async () => {
  await using gateway = await ServedGateway.start({
    tools: 'policy = "advise"',
    script: ({ model }) => model === "synth" ? { status: 500 } : undefined,
  });
  const { status, body } = await gateway.ask({ messages: ASKING, tools });
  assert.equal(status, 502);
  assert.equal(body.error.code, "upstream_error");
  assert.match(body.error.message, /Upstream answered 500; .*written without tools/);
  const { error, done } = await gateway.stream({ messages: ASKING, tools });
  assert.deepEqual([error.code, done], ["upstream_error", false]);
});

Deno.test("calls that an upstream mangles are mended, whole and streamed", async () => {
  const event = (choice: Json) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`;
  const chunks = [
    event({
      delta: { tool_calls: [{ id: "x", function: { name: "get_weather", arguments: "" } }] },
    }),
    event({ delta: { tool_calls: [{ function: { arguments: '{"city":"Rome"}' } }] } }),
    event({
      delta: { tool_calls: [{ id: "y", function: { name: "get_weather", arguments: "{}" } }] },
    }),
    event({ delta: {}, finish_reason: "stop" }),
    "data: [DONE]\n\n",
  ];
  const whole = JSON.stringify({
    choices: [{
      message: {
        content: "",
        tool_calls: [{ function: { name: "get_weather", arguments: { city: "Rome" } } }],
      },
      finish_reason: "stop",
    }],
  });
  await using gateway = await ServedGateway.start({
    script: ({ stream }) =>
      stream ? { chunks, headers: { "content-type": "text/event-stream" } } : { body: whole },
  });
  const { toolCalls, finishReasons } = await gateway.stream({ messages: ASKING, tools });
  assert.deepEqual(finishReasons, ["tool_calls"]);
  assert.deepEqual(
    toolCalls.map(({ id, type, function: called }) => [id, type, called.arguments]),
    [
      ["x", "function", '{"city":"Rome"}'],
      ["y", "function", "{}"],
    ],
  );
  const { body } = await gateway.ask({ messages: ASKING, tools });
  const [call] = body.choices[0].message.tool_calls;
  assert.match(call.id, /^call_[0-9a-f]{32}$/);
  assert.deepEqual([call.type, call.function], ["function", ROME]);
  assert.equal(body.choices[0].finish_reason, "tool_calls");
});
