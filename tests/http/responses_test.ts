import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import OpenAI from "openai";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { gatewayBefore } from "../support/gateway_before.ts";
import { STORE_LIMITS } from "../../src/gate/response_store.ts";
import { answered, failed, profile } from "../support/scripted_run.ts";
import { answering, door, post, scripted } from "../support/door.ts";

const RESPONSES = "/v1/responses";

function ask(change: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  return post(JSON.stringify({ model: "fusion/default", input: "Hi", ...change }), headers);
}

type App = ReturnType<typeof door>["app"];

async function json(app: App, change: Record<string, unknown> = {}, headers = {}) {
  const response = await app.request(RESPONSES, ask(change, headers));
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The events of a stream; each has its own name, and its place. */
async function events(app: App, change: Record<string, unknown> = {}) {
  const response = await app.request(RESPONSES, ask({ stream: true, ...change }));
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  return read(await response.text());
}

// deno-lint-ignore no-explicit-any -- what a client sees has no types
type Told = any;

function read(text: string): Told[] {
  return text.trimEnd().split("\n\n").map((block, at) => {
    const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(block)!;
    const event = JSON.parse(data!);
    assert.equal(event.type, name);
    assert.equal(event.sequence_number, at);
    return event;
  });
}

Deno.test("responses answers with the run's text as an output message", async () => {
  const { app, clock } = door({ startRun: () => answering("Hello") });
  const { status, headers, body } = await json(app);
  assert.equal(status, 200);
  assert.equal(headers.get("x-fusion-outcome"), "fused");
  const now = Math.floor(clock.now() / 1_000);
  assert.deepEqual(body, {
    id: "resp_id-2",
    object: "response",
    created_at: now,
    status: "completed",
    background: false,
    completed_at: now,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: "fusion/default",
    output: [{
      id: "msg_id-2_0",
      type: "message",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "Hello", annotations: [], logprobs: [] }],
    }],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: null,
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_logprobs: 0,
    top_p: null,
    truncation: "disabled",
    usage: {
      input_tokens: 30,
      input_tokens_details: { cached_tokens: 2 },
      output_tokens: 12,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 42,
    },
    user: null,
    metadata: {},
  });
});

Deno.test("responses asks the run for what the request says", async () => {
  const { app, started } = door();
  await json(app, { instructions: "Be brief", max_output_tokens: 9, fusion: { route: "single" } });
  const [{ request, route }] = started as [typeof started[number]];
  assert.equal(route, "single");
  assert.deepEqual(request, {
    model: "fusion/default",
    fusion: { route: "single" },
    max_tokens: 9,
    messages: [{ role: "system", content: "Be brief" }, { role: "user", content: "Hi" }],
  });
});

Deno.test("responses tells why an answer is incomplete", async () => {
  for (
    const [reason, why] of [["length", "max_output_tokens"], ["content_filter", "content_filter"]]
  ) {
    const message = { role: "assistant", content: "Hel" };
    const { run, app } = scripted();
    run.end(answered({ choices: [{ index: 0, message, finish_reason: reason! }] }));
    const { body } = await json(app);
    assert.equal(body.status, "incomplete");
    assert.deepEqual(body.incomplete_details, { reason: why });
    assert.equal(body.output[0].status, "incomplete");
  }
});

Deno.test("responses has the trace where it was asked for, and fails with a run's own error", async () => {
  const traced = await json(door().app, { fusion: { trace: true } });
  assert.equal(traced.body.fusion.outcome, "fused");
  const { run, app } = scripted();
  run.end(failed({ reason: "deadline_exceeded", message: "Too late" }));
  const { status, body } = await json(app);
  assert.equal(status, 504);
  assert.equal(body.error.code, "deadline_exceeded");
});

Deno.test("response stream opens at once, tells each delta, and ends with the whole response", async () => {
  const { run, app } = scripted();
  run.say("Hel");
  run.say("lo", { finish_reason: "stop" });
  run.end(answered({ choices: [] }));
  const told = await events(app, { metadata: { a: "b" } });
  assert.deepEqual(told.map(({ type }) => type), [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  assert.equal(told[0].response.status, "in_progress");
  assert.deepEqual(told[0].response.output, []);
  const { response } = told.at(-1);
  assert.equal(response.id, told[0].response.id);
  assert.equal(response.output[0].content[0].text, "Hello");
  assert.equal(response.usage.total_tokens, 42);
  assert.deepEqual(response.metadata, { a: "b" });
});

Deno.test("response stream ends in response.incomplete where the model was cut short", async () => {
  const { run, app } = scripted();
  run.say("Hel", { finish_reason: "length" });
  run.end(answered({ choices: [] }));
  const { type, response } = (await events(app)).at(-1);
  assert.equal(type, "response.incomplete");
  assert.equal(response.incomplete_details.reason, "max_output_tokens");
});

Deno.test("response stream of a failed run reports nothing as done", async () => {
  const { run, app } = scripted();
  run.say("Hel");
  run.end(failed({ message: "Cannot go on", members: [{ label: "M1", reason: "timeout" }] }));
  const told = await events(app);
  assert.ok(!told.some(({ type }) => type.endsWith(".done")));
  const { type, response } = told.at(-1);
  assert.equal(type, "response.failed");
  assert.equal(response.status, "failed");
  assert.deepEqual(response.error, {
    code: "upstream_error",
    message: "Cannot go on",
    fusion: { members: [{ label: "M1", reason: "timeout" }] },
  });
  assert.equal(response.output[0].status, "incomplete");
});

Deno.test("response stream of a broken run ends in an error event that says nothing of it", async () => {
  const { run, app, lines } = scripted();
  run.break(new Error("secret"));
  const { type, code, message } = (await events(app)).at(-1);
  assert.deepEqual([type, code], ["error", "internal_error"]);
  assert.doesNotMatch(message + lines.join(), /secret/);
});

Deno.test("response stream keeps alive with response.in_progress, or with comments", async () => {
  for (const keepalive of ["chunk", "comment"] as const) {
    const stream = { keepalive, keepaliveMs: 5_000 };
    const { run, app, clock } = scripted({ profiles: [profile({ stream })] });
    const response = await app.request(RESPONSES, ask({ stream: true }));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value!;
    const silence = reader.read();
    await null;
    clock.advance(5_000);
    text += (await silence).value!;
    run.say("Hello");
    run.end();
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    if (keepalive === "comment") assert.match(text, /\n: keepalive\nevent: response.in_progress\n/);
    const told = read(text.replace(": keepalive\n", ""));
    const signs = told.filter(({ type }) => type === "response.in_progress");
    assert.equal(signs.length, 2);
    assert.equal(told.at(-1).type, "response.completed");
  }
});

Deno.test("a client that leaves a response stream cancels the run", async () => {
  const { run, app } = scripted();
  const response = await app.request(RESPONSES, ask({ stream: true, store: true }));
  await response.body!.cancel();
  assert.equal(await run.cancelled, "client_left");
  const gone = await app.request(`${RESPONSES}/resp_id-2`);
  assert.equal(gone.status, 404);
  await gone.body!.cancel();
});

const REFUSED: [string, Record<string, unknown>][] = [
  ["background", { background: true }],
  ["conversation", { conversation: "conv_1" }],
  ["prompt", { prompt: { id: "pmpt_1" } }],
  ["context_management", { context_management: [] }],
  ["truncation", { truncation: "auto" }],
  ["tools[0].type", { tools: [{ type: "web_search" }] }],
  ["tools[0].name", { tools: [{ type: "function" }] }],
  ["tool_choice.type", { tool_choice: { type: "file_search" } }],
  ["messages", { messages: [] }],
  ["n", { n: 2 }],
  ["input", { input: undefined }],
  ["input", { input: [] }],
  ["input[0].role", { input: [{ role: "tool", content: "x" }] }],
  ["input[0].content", { input: [{ role: "user", content: 5 }] }],
  ["input[0].content[0].text", { input: [{ role: "user", content: [{ type: "input_text" }] }] }],
  ["input[0].content[0].type", { input: [{ role: "user", content: [{ type: "text" }] }] }],
  ["input[0].content[0].image_url", {
    input: [{ role: "user", content: [{ type: "input_image", file_id: "file_1" }] }],
  }],
  ["input[0].content[0].file_url", {
    input: [{ role: "user", content: [{ type: "input_file", file_url: "https://x.example/a" }] }],
  }],
  ["input[1].type", {
    input: [{ role: "user", content: "x" }, { type: "item_reference", id: "x" }],
  }],
  ["input[0].name", { input: [{ type: "function_call", call_id: "c", arguments: "{}" }] }],
  ["text.format.name", { text: { format: { type: "json_schema", schema: {} } } }],
  ["temperature", { temperature: 3 }],
  ["fusion.tracee", { fusion: { tracee: true } }],
  ["stop", { stop: { until: "noon" } }],
  ["max_tokens", { max_tokens: "9" }],
  ["max_completion_tokens", { max_completion_tokens: 0 }],
];
for (const [param, change] of REFUSED) {
  const what = JSON.stringify(change).slice(0, 60);
  Deno.test(`responses refuses ${what} by the name ${param}`, async () => {
    const { app, started } = door();
    const { status, body } = await json(app, change);
    assert.equal(status, 400);
    assert.equal(body.error.param, param);
    assert.equal(body.error.type, "invalid_request_error");
    assert.equal(started.length, 0);
  });
}

Deno.test("responses go on with a stored one, without its instructions", async () => {
  const { app, started } = door({ startRun: () => answering("Hello") });
  const first = await json(app, { store: true, instructions: "Be brief" });
  assert.equal(first.body.store, true);
  const second = await json(app, { previous_response_id: first.body.id, input: "And?" });
  assert.equal(second.body.previous_response_id, first.body.id);
  assert.deepEqual(started[1]!.request.messages, [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: "And?" },
  ]);
});

Deno.test("responses go on with a tool call that was stored from a stream", async () => {
  const { run, app, started } = scripted();
  run.send({
    index: 0,
    delta: { tool_calls: [{ index: 0, id: "c1", function: { name: "f", arguments: "{}" } }] },
    finish_reason: "tool_calls",
  });
  run.end(answered({ choices: [] }));
  const { response } = (await events(app, { store: true })).at(-1);
  assert.equal(response.output[0].type, "function_call");
  const item = { type: "function_call_output", call_id: "c1", output: "1" };
  await json(app, { previous_response_id: response.id, input: [item] });
  assert.deepEqual(started[1]!.request.messages.slice(1), [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "c1", content: "1" },
  ]);
});

Deno.test("responses are stored only on request, found by id, and gone when deleted", async () => {
  const { app } = door();
  const unstored = await json(app);
  assert.equal((await app.request(`${RESPONSES}/${unstored.body.id}`)).status, 404);
  const { body } = await json(app, { store: true });
  const found = await app.request(`${RESPONSES}/${body.id}`);
  assert.deepEqual(await found.json(), body);
  const gone = await app.request(`${RESPONSES}/${body.id}`, { method: "DELETE" });
  assert.deepEqual(await gone.json(), { id: body.id, object: "response", deleted: true });
  const missing = await app.request(`${RESPONSES}/${body.id}`);
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).error.code, "response_not_found");
  const again = await app.request(`${RESPONSES}/${body.id}`, { method: "DELETE" });
  assert.equal(again.status, 404);
  const next = await json(app, { previous_response_id: body.id });
  assert.equal(next.status, 404);
  assert.equal(next.body.error.param, "previous_response_id");
  assert.equal(next.body.error.code, "previous_response_not_found");
});

Deno.test("responses belong to the client key that made them", async () => {
  const key = (name: string) => ({
    name,
    sha256: createHash("sha256").update(name).digest("hex"),
  });
  const { app } = door({ clientKeys: [key("alice"), key("bob")] });
  const as = (name: string) => ({ authorization: `Bearer ${name}` });
  const { body } = await json(app, { store: true }, as("alice"));
  const path = `${RESPONSES}/${body.id}`;
  for (const method of ["GET", "DELETE"]) {
    assert.equal((await app.request(path, { method, headers: as("bob") })).status, 404);
  }
  const stolen = await json(app, { previous_response_id: body.id }, as("bob"));
  assert.equal(stolen.status, 404);
  assert.equal((await app.request(path, { headers: as("alice") })).status, 200);
});

Deno.test("responses are forgotten when they are too old", async () => {
  const { app, clock } = door();
  const { body } = await json(app, { store: true });
  clock.advance(STORE_LIMITS.maxAgeMs - 1);
  assert.equal((await app.request(`${RESPONSES}/${body.id}`)).status, 200);
  clock.advance(1);
  assert.equal((await app.request(`${RESPONSES}/${body.id}`)).status, 404);
});

Deno.test("responses that were stored are there after a reload", async () => {
  await using upstream = await startSimulation();
  await using house = await gatewayBefore(upstream.url, {
    toml: `[[profiles]]
      name = "p"
      panel = { members = ["a"] }
      aggregator = { synthesizer = "s" }
      [runtime]
      workers = 1`,
  });
  const openai = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: "none", maxRetries: 0 });
  const { id } = await openai.responses.create({ model: "fusion/p", input: "Hi", store: true });
  assert.equal(await house.reload(), true);
  assert.equal((await openai.responses.retrieve(id)).id, id);
  const next = { model: "fusion/p", input: "And?", previous_response_id: id };
  assert.equal((await openai.responses.create(next)).previous_response_id, id);
});
