import assert from "node:assert/strict";
import { failed as failedRun, profile, ScriptedRun } from "../support/scripted_run.ts";
import { answered } from "../support/scripted_run.ts";
import { answering, CHAT, chat, door, post, scripted } from "../support/door.ts";
import { until } from "../support/until.ts";

Deno.test("chat completions answers in OpenAI's shape, with no key that OpenAI's has not", async () => {
  const { app } = door();
  const response = await app.request(CHAT, chat());
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("x-fusion-route"), "fuse");
  assert.equal(response.headers.get("x-fusion-outcome"), "fused");
  const body = await response.json();
  assert.match(body.id, /^chatcmpl-/);
  assert.deepEqual(body, {
    id: body.id,
    object: "chat.completion",
    created: 1_800_000_000,
    model: "fusion/default",
    choices: [{
      index: 0,
      message: { role: "assistant", content: "Hello", refusal: null },
      logprobs: null,
      finish_reason: "stop",
    }],
    usage: {
      prompt_tokens: 30,
      completion_tokens: 12,
      total_tokens: 42,
      prompt_tokens_details: { cached_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 1 },
    },
  });
});

Deno.test("chat completions passes on what the final call's upstream said of itself", async () => {
  const run = new ScriptedRun();
  run.end(answered({
    systemFingerprint: "fp_1",
    serviceTier: "default",
    choices: [{
      index: 0,
      message: { role: "assistant", content: null, tool_calls: [{ id: "call_1" }] },
      logprobs: { content: [] },
      finish_reason: "tool_calls",
    }],
  }));
  const { app } = door({ startRun: () => run });
  const body = await (await app.request(CHAT, chat())).json();
  assert.equal(body.system_fingerprint, "fp_1");
  assert.equal(body.service_tier, "default");
  assert.deepEqual(body.choices[0].message.tool_calls, [{ id: "call_1" }]);
  assert.deepEqual(body.choices[0].logprobs, { content: [] });
  assert.equal(body.choices[0].finish_reason, "tool_calls");
});

Deno.test("chat completions adds the trace only where it was asked for", async () => {
  const { app } = door();
  const traced = await (await app.request(CHAT, chat({ fusion: { trace: true } }))).json();
  assert.equal(traced.fusion.route, "fuse");
  assert.equal(traced.fusion.panel[0].model, "alpha");
  const plain = await (await app.request(CHAT, chat({ fusion: { trace: false } }))).json();
  assert.equal("fusion" in plain, false);
});

Deno.test("chat completions starts the run with what the gate decided", async () => {
  const fast = profile({ name: "fast", deadlineMs: 9_000 });
  const { app, started, clock } = door({ profiles: [profile(), fast] });
  await app.request(CHAT, {
    ...chat({ model: "fusion/fast", future: { a: 1 }, fusion: { route: "single" } }),
    headers: { "x-request-id": "mine-1" },
  });
  const [request] = started;
  assert.equal(request!.id, "mine-1");
  assert.equal(request!.profile, fast);
  assert.equal(request!.route, "single");
  assert.equal(request!.stream, false);
  assert.equal(request!.startedAt, clock.now());
  assert.equal(request!.deadlineAt, clock.now() + 9_000);
  assert.deepEqual(request!.request["future"], { a: 1 });
});

Deno.test("chat completions lets a request shorten its profile's deadline, not lengthen it", async () => {
  const { app, started, clock } = door({ profiles: [profile({ deadlineMs: 9_000 })] });
  await app.request(CHAT, chat({ fusion: { deadline_ms: 500 } }));
  await app.request(CHAT, chat({ fusion: { deadline_ms: 90_000 } }));
  const budgets = started.map((request) => request.deadlineAt - clock.now());
  assert.deepEqual(budgets, [500, 9_000]);
});

Deno.test("chat completions reads the body as JSON whatever its content type", async () => {
  const { app } = door();
  for (const type of ["text/plain", "application/octet-stream", ""]) {
    const { body } = chat();
    const headers: Record<string, string> = type === "" ? {} : { "content-type": type };
    const response = await app.request(CHAT, { method: "POST", body: body!, headers });
    assert.equal(response.status, 200, type);
  }
});

Deno.test("chat completions answers a fault of the request with 400 and its param", async () => {
  const { app, started } = door();
  const response = await app.request(CHAT, chat({ messages: [{ role: "user", content: 5 }] }));
  assert.equal(response.status, 400);
  const { error } = await response.json();
  assert.equal(error.type, "invalid_request_error");
  assert.equal(error.param, "messages[0].content");
  assert.equal(started.length, 0);
});

Deno.test("chat completions answers a model that is no alias with 404 model_not_found", async () => {
  const { app } = door();
  const response = await app.request(CHAT, chat({ model: "gpt-4o" }));
  assert.equal(response.status, 404);
  const { error } = await response.json();
  assert.equal(error.code, "model_not_found");
  assert.match(error.message, /gpt-4o/);
});

Deno.test("chat completions keeps its place until the run is over and gives it back", async () => {
  const { run, app, admission } = scripted();
  const response = app.request(CHAT, chat());
  await until(() => admission.inFlight === 1);
  assert.equal(admission.inFlight, 1);
  run.end();
  await response;
  assert.equal(admission.inFlight, 0);
});

Deno.test("chat completions sheds with 503 overloaded and Retry-After when the house is full", async () => {
  const limits = { maxConcurrentRequests: 1, queueLimit: 0 };
  const { run, app, started, metrics } = scripted({ limits });
  const served = app.request(CHAT, chat());
  await until(() => started.length > 0);
  const shed = await app.request(CHAT, chat());
  assert.equal(shed.status, 503);
  assert.equal(shed.headers.get("retry-after"), "1");
  assert.equal((await shed.json()).error.code, "overloaded");
  assert.match(await metrics.expose(), /tutti_shed_total\{reason="queue_full"\} 1/);
  run.end();
  assert.equal((await served).status, 200);
});

Deno.test("chat completions sheds without reading the body of a request that has no chance", async () => {
  const { app } = door({ limits: { maxConcurrentRequests: 0, queueLimit: 0 } });
  const body = new ReadableStream({ pull: () => assert.fail("was read") }, { highWaterMark: 0 });
  const response = await app.request(CHAT, { method: "POST", body });
  assert.equal(response.status, 503);
});

Deno.test("chat completions counts the time in the queue against the request's deadline", async () => {
  const limits = { maxConcurrentRequests: 1 };
  const { run, app, clock, admission } = scripted({ limits });
  const served = app.request(CHAT, chat());
  await until(() => admission.inFlight > 0);
  const late = app.request(CHAT, chat({ fusion: { deadline_ms: 300 } }));
  await until(() => admission.queueDepth > 0);
  clock.advance(300);
  const response = await late;
  assert.equal(response.status, 504);
  assert.equal((await response.json()).error.code, "deadline_exceeded");
  run.end();
  await served;
});

Deno.test("chat completions refuses new requests while it drains", async () => {
  const { app, admission } = door();
  await admission.drain();
  const response = await app.request(CHAT, chat());
  assert.equal(response.status, 503);
  assert.equal((await response.json()).error.code, "overloaded");
  assert.ok(response.headers.has("retry-after"));
});

Deno.test("chat completions cancels the run when the client leaves before the answer", async () => {
  const { run, app, started, admission, lines } = scripted();
  const client = new AbortController();
  const response = app.request(CHAT, { ...chat(), signal: client.signal });
  await until(() => started.length > 0);
  client.abort();
  assert.equal(await run.cancelled, "client_left");
  await response;
  assert.deepEqual(run.cancels, ["client_left"]);
  assert.equal(admission.inFlight, 0);
  assert.match(lines.at(-1)!, /outcome=cancelled status=499/);
});

Deno.test("chat completions cancels nothing when the signal aborts after the answer", async () => {
  const run = answering("Hello");
  const { app } = door({ startRun: () => run });
  const client = new AbortController();
  await app.request(CHAT, { ...chat(), signal: client.signal });
  client.abort();
  assert.deepEqual(run.cancels, []);
});

Deno.test("chat completions does not leak what broke inside", async () => {
  const run = new ScriptedRun();
  const breaks = [
    () => {
      throw new Error("secret prompt");
    },
    () => (run.break(new Error("secret prompt")), run),
  ];
  for (const startRun of breaks) {
    const { app, admission, lines } = door({ startRun });
    const response = await app.request(CHAT, chat());
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret/);
    assert.doesNotMatch(lines.join(), /secret/);
    assert.match(lines.join(), /error internal error id=\S+ error=Error at=/);
    assert.ok(response.headers.has("x-request-id"));
    assert.equal(admission.inFlight, 0);
  }
});

Deno.test("chat completions names the route of a failed run, and no outcome", async () => {
  const run = new ScriptedRun();
  run.end(failedRun({ route: "single" }));
  const { app } = door({ startRun: () => run });
  const response = await app.request(CHAT, chat());
  assert.equal(response.status, 502);
  assert.equal(response.headers.get("x-fusion-route"), "single");
  assert.equal(response.headers.get("x-fusion-outcome"), null);
});

Deno.test("chat completions logs one line per request, without a word of it", async () => {
  const { app, lines } = door();
  await app.request(CHAT, chat({ messages: [{ role: "user", content: "my secret plan" }] }));
  assert.deepEqual(lines.map((line) => line.slice(25)), [
    "info request finished id=id-1 profile=default route=fuse outcome=fused status=200 ms=0 " +
    "tokens=42 cost_usd=0.003 seed=seed-1\n",
  ]);
  await app.request(CHAT, post("{broken secret plan"));
  assert.equal(lines.length, 2);
  assert.match(lines[1]!, /request refused id=id-\d+ status=400 code=invalid_request_error/);
  assert.doesNotMatch(lines.join(), /secret/);
});

Deno.test("chat completions ignores internal headers that a client sends", async () => {
  const { app } = door();
  const headers = { "x-fusion-route": "single", "x-fusion-outcome": "none" };
  const response = await app.request(CHAT, { ...chat(), headers });
  assert.equal(response.headers.get("x-fusion-route"), "fuse");
  assert.equal(response.headers.get("x-fusion-outcome"), "fused");
});
