import assert from "node:assert/strict";
import OpenAI from "openai";
import { startSimulation } from "../../src/simulation/simulation.ts";
import type { Script } from "../../src/simulation/behaviour.ts";
import { served } from "../support/door.ts";
import { gatewayBefore } from "../support/gateway_before.ts";
import { until } from "../support/until.ts";

const PROFILE = `
[[profiles]]
name = "test"
panel = { members = ["a", "b"] }
aggregator = { synthesizer = "default::s" }
[[prices]]
model = "embedder"
input_per_mtok = 1.0
output_per_mtok = 0.0
[runtime]
workers = 1
`;

async function passing({ script, server = "passthrough = true", key, more = "" }: {
  script?: Script;
  server?: string;
  key?: string;
  /** Further tables of the configuration. */
  more?: string;
} = {}) {
  const upstream = await startSimulation({ ...(script && { script }), apiKey: "upstream-key" });
  const door = await gatewayBefore(upstream.url, {
    toml: `[server]\n${server}\n${PROFILE}${more}`,
    upstreamKey: "upstream-key",
    ...(key && { clientKey: key }),
  });
  const post = (path: string, body: unknown, signal?: AbortSignal) =>
    fetch(`${door.url}/v1/${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...(signal && { signal }),
    });
  return {
    upstream,
    ...door,
    post,
    openai: new OpenAI({ baseURL: `${door.url}/v1`, apiKey: key ?? "none", maxRetries: 0 }),
    [Symbol.asyncDispose]: async () => {
      await door[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}

const messages = [{ role: "user" as const, content: "Hi" }];

Deno.test("passthrough hands a body on to the byte, and the answer back to the byte", async () => {
  const answer = '{ "choices": [{"finish_reason": "stop"}], "odd": 1.50, "usage": null }';
  const seen: string[] = [];
  await using upstream = served({
    fetch: async (request) => {
      seen.push(await request.text(), request.headers.get("authorization")!);
      return new Response(answer);
    },
  });
  await using house = await gatewayBefore(`${upstream.url}/v1`, {
    toml: `[server]\npassthrough = true\n${PROFILE}`,
    upstreamKey: "upstream-key",
  });
  const body =
    '{"model": "a", "messages": 5, "seed": 12345678901234567890, "odd": [1e2, "\\u00e9é"]}';
  const response = await fetch(`${house.url}/v1/chat/completions`, { method: "POST", body });
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("x-fusion-route"), null);
  assert.match(response.headers.get("x-request-id")!, /./);
  assert.equal(await response.text(), answer);
  assert.deepEqual(seen, [body, "Bearer upstream-key"]);
});

Deno.test("passthrough sends what was checked, where a key is there twice", async () => {
  const seen: string[] = [];
  await using upstream = served({
    fetch: async (request) => {
      seen.push(await request.text());
      return Response.json({ choices: [{ finish_reason: "stop" }] });
    },
  });
  await using house = await gatewayBefore(`${upstream.url}/v1`, {
    toml: `[server]\npassthrough = true\n${PROFILE}`,
  });
  // Parsers that keep the first of two would ask another model for more than was reserved.
  const body = '{"model":"s","n":9,"messages":5,"model":"a","n":1}';
  const response = await fetch(`${house.url}/v1/chat/completions`, { method: "POST", body });
  assert.equal(response.status, 200);
  await response.body?.cancel();
  assert.deepEqual(seen, ['{"model":"a","n":1,"messages":5}']);
});

Deno.test("passthrough names the model to its upstream as the upstream knows it", async () => {
  await using house = await passing();
  await house.openai.chat.completions.create({ model: "default::s", messages, seed: 7 });
  const [seen] = house.upstream.requests;
  assert.deepEqual(seen!.body, { model: "s", messages, seed: 7 });
});

Deno.test("passthrough streams the upstream's own events", async () => {
  await using house = await passing();
  const direct = await fetch(`${house.upstream.url}/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer upstream-key" },
    body: JSON.stringify({ model: "a", messages, stream: true, seed: 1 }),
  });
  const through = await house.post("chat/completions", {
    model: "a",
    messages,
    stream: true,
    seed: 1,
  });
  assert.equal(through.headers.get("content-type"), "text/event-stream; charset=utf-8");
  // Ids and times differ; what is said does not.
  const said = (text: string) => text.replaceAll(/"(id|created)":("[^"]*"|\d+)/g, '"$1":0');
  assert.equal(said(await through.text()), said(await direct.text()));
});

Deno.test("passthrough serves completions, whole and streamed, and embeddings", async () => {
  await using house = await passing();
  const ask = { model: "a", prompt: "Hi", seed: 1 };
  const whole = await house.openai.completions.create(ask);
  assert.ok(whole.choices[0]!.text.length > 0);
  let text = "";
  const stream = await house.openai.completions.create({ ...ask, stream: true });
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? "";
  assert.equal(text, whole.choices[0]!.text);
  const { data } = await house.openai.embeddings.create({ model: "embedder", input: ["x", "y"] });
  assert.equal(data.length, 2);
});

Deno.test("passthrough counts tokens and cost as any run does", async () => {
  await using house = await passing();
  await house.openai.embeddings.create({ model: "embedder", input: "some words to embed" });
  const labels = '{profile="passthrough",stage="single",model="embedder"';
  assert.match((await house.metric(`tutti_tokens_total${labels},kind="prompt"}`))!, / [1-9]/);
  assert.match((await house.metric(`tutti_cost_usd_total${labels}}`))!, / [0-9]/);
  assert.match(
    (await house.metric(
      'tutti_requests_total{profile="passthrough",route="single",outcome="single"',
    ))!,
    / 1$/,
  );
  assert.ok(house.lines.some((line) => line.includes("profile=passthrough")));
});

Deno.test("passthrough counts a stream whose client did not ask for its usage", async () => {
  await using house = await passing();
  const stream = await house.openai.chat.completions.create({ model: "a", messages, stream: true });
  let words = 0;
  for await (const chunk of stream) words += chunk.choices[0]?.delta.content ? 1 : 0;
  const labels = '{profile="passthrough",stage="single",model="a"';
  const counted = async (kind: string) =>
    Number((await house.metric(`tutti_tokens_total${labels},kind="${kind}"}`))!.split(" ")[1]);
  await until(() => house.lines.some((line) => line.includes("request finished")), "the end");
  assert.ok(words > 5);
  assert.ok(await counted("prompt") > 5);
  assert.ok(await counted("completion") > 5);
});

Deno.test("passthrough is held to the limits that runs are held to", async () => {
  await using house = await passing({
    server: "passthrough = true\nlimits = { tokens_per_minute = 2000 }",
  });
  const body = { model: "a", messages, max_tokens: 1500 };
  const first = await house.post("chat/completions", body);
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("x-ratelimit-limit-tokens"), "2000");
  await first.body!.cancel();
  const second = await house.post("chat/completions", { ...body, stream: true, max_tokens: 2500 });
  assert.equal(second.status, 429);
  assert.equal((await second.json()).error.code, "rate_limit_exceeded");
});

Deno.test("passthrough lists exactly the models that may be asked for", async () => {
  await using house = await passing();
  const ids = [];
  for await (const { id } of house.openai.models.list()) ids.push(id);
  assert.deepEqual(ids, ["fusion/test", "a", "b", "default::s", "embedder"]);
  assert.equal((await house.openai.models.retrieve("default::s")).id, "default::s");
  assert.equal((await house.openai.models.retrieve("default::a")).id, "default::a");
  await assert.rejects(house.openai.models.retrieve("unnamed"), OpenAI.NotFoundError);
});

Deno.test("passthrough lets only those of its list through, where it is a list", async () => {
  await using house = await passing({ server: 'passthrough = ["local-embedder"]' });
  await house.openai.embeddings.create({ model: "local-embedder", input: "x" });
  for (const model of ["a", "embedder", "unnamed", "default::unnamed"]) {
    const response = await house.post("chat/completions", { model, messages });
    assert.equal(response.status, 404, model);
    assert.equal((await response.json()).error.code, "model_not_found");
  }
  assert.equal(house.upstream.requests.length, 1);
});

Deno.test("passthrough is off unless it is switched on, and says so", async () => {
  await using house = await passing({ server: "" });
  for (const path of ["completions", "embeddings"]) {
    const response = await house.post(path, { model: "a", prompt: "x", input: "x" });
    assert.equal(response.status, 404);
    const { error } = await response.json();
    assert.equal(error.code, "model_not_found");
    assert.match(error.message, /passthrough/);
  }
  const chat = await house.post("chat/completions", { model: "a", messages });
  assert.equal(chat.status, 404);
  await chat.body!.cancel();
  assert.equal(house.upstream.requests.length, 0);
  assert.ok(!house.gateway.system.pools.some(({ role }) => role === "relay"));
});

Deno.test("passthrough tells who asks an alias elsewhere where it answers", async () => {
  await using house = await passing();
  const response = await house.post("embeddings", { model: "fusion/test", input: "x" });
  assert.equal(response.status, 404);
  assert.match((await response.json()).error.message, /chat\/completions/);
});

for (
  const [status, code, type] of [
    [400, null, "invalid_request_error"],
    [401, "invalid_api_key", "invalid_request_error"],
    [404, "model_not_found", "invalid_request_error"],
    [429, "rate_limit_exceeded", "rate_limit_error"],
    [500, "upstream_error", "server_error"],
  ] as const
) {
  Deno.test(`passthrough keeps the meaning of an upstream's ${status}, streamed or not, not its words`, async () => {
    await using house = await passing({
      script: () => ({
        status,
        headers: { "retry-after": "7" },
        body: JSON.stringify({ error: { message: "secret words", type: "x" } }),
      }),
    });
    for (const stream of [false, true]) {
      const response = await house.post("chat/completions", { model: "a", messages, stream });
      assert.equal(response.status, status === 500 ? 502 : status);
      if (status === 429) assert.equal(response.headers.get("retry-after"), "7");
      const text = await response.text();
      const { error } = JSON.parse(text);
      assert.deepEqual([error.code, error.type], [code, type]);
      assert.doesNotMatch(text + house.lines.join(), /secret/);
    }
  });
}

Deno.test("passthrough does not let a broken stream look finished", async () => {
  await using house = await passing({ script: () => ({ cutAfterBytes: 300 }) });
  const response = await house.post("chat/completions", { model: "a", messages, stream: true });
  const text = await response.text();
  assert.doesNotMatch(text, /\[DONE\]/);
  const last = text.trimEnd().split("\n").at(-1)!;
  assert.equal(JSON.parse(last.slice("data: ".length)).error.code, "upstream_error");
});

Deno.test("passthrough keeps an error in a stream to itself, and what came before it not", async () => {
  const chunks = [
    'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"error":{"message":"secret"}}\n\n',
    "data: [DONE]\n\n",
  ];
  await using house = await passing({
    script: () => ({ chunks, headers: { "content-type": "text/event-stream" } }),
  });
  const response = await house.post("chat/completions", { model: "a", messages, stream: true });
  const text = await response.text();
  assert.match(text, /Hel/);
  assert.doesNotMatch(text, /secret|DONE/);
  assert.match(text, /upstream_error/);
});

Deno.test("passthrough refuses what is no answer", async () => {
  await using house = await passing({ script: () => ({ body: "<html>Bad gateway</html>" }) });
  for (const path of ["chat/completions", "completions"]) {
    const response = await house.post(path, { model: "a", messages, prompt: "x" });
    assert.equal(response.status, 502);
    assert.doesNotMatch(await response.text(), /html/);
  }
});

Deno.test("passthrough holds its place until the body ends, and a client that leaves ends it all", async () => {
  await using house = await passing({
    server: "passthrough = true\nmax_concurrent_requests = 1\nqueue_limit = 0",
    script: () => ({ hang: "body" }),
  });
  const abort = new AbortController();
  const body = { model: "a", messages, stream: true };
  const response = await house.post("chat/completions", body, abort.signal);
  await response.body!.getReader().read();
  const shed = await house.post("chat/completions", body);
  assert.equal(shed.status, 503);
  await shed.body!.cancel();
  abort.abort();
  const seen = await house.upstream.waitFor(({ endedAs }) => endedAs === "aborted");
  assert.equal(seen.model, "a");
  await until(() => house.lines.some((line) => line.includes("status=499")), "the log");
});

Deno.test("passthrough cancels the upstream of a client that leaves before it is answered", async () => {
  await using house = await passing({ script: () => ({ hang: "headers" }) });
  for (const stream of [false, true]) {
    const abort = new AbortController();
    const asked = house.post("chat/completions", { model: "a", messages, stream }, abort.signal);
    await house.upstream.waitFor((seen) => seen.stream === stream);
    abort.abort();
    await assert.rejects(asked);
    await house.upstream.waitFor((seen) => seen.stream === stream && seen.endedAs === "aborted");
  }
});

Deno.test("passthrough asks for the client's key as every endpoint does", async () => {
  await using house = await passing({ key: "client-key" });
  const response = await house.post("embeddings", { model: "embedder", input: "x" });
  assert.equal(response.status, 401);
  await response.body!.cancel();
  await house.openai.embeddings.create({ model: "embedder", input: "x" });
});

Deno.test("passthrough gives up when the backend's time is over", async () => {
  const upstream = await startSimulation({ script: () => ({ hang: "headers" }) });
  await using _closing = upstream;
  await using house = await gatewayBefore(upstream.url, {
    toml: `[server]\npassthrough = ["quick::a"]\n${PROFILE}
      [[backends]]\nname = "quick"\nbase_url = "${upstream.url}"\ntimeout_ms = 50\n`,
  });
  const response = await fetch(`${house.url}/v1/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "quick::a", prompt: "x" }),
  });
  assert.equal(response.status, 504);
  assert.equal((await response.json()).error.code, "deadline_exceeded");
});

Deno.test("passthrough leaves a model alone that keeps failing, as runs then do", async () => {
  await using gateway = await passing({
    script: ({ model }) => model === "a" ? { status: 500 } : undefined,
    more: `[retry]
max_attempts = 1
[breaker]
consecutive_failures = 2
open_ms = 600000`,
  });
  const failed: string[] = [];
  for (let request = 0; request < 3; request++) {
    const response = await gateway.post("chat/completions", { model: "a", messages });
    const { error } = await response.json();
    failed.push(`${response.status} ${error.code}: ${error.message}`);
  }
  assert.match(failed[1]!, /^502 upstream_error/);
  assert.match(failed[2]!, /^502 upstream_error: .*left alone for a while/);
  assert.equal(gateway.upstream.requests.length, 2);
  const fused = await gateway.post("chat/completions", { model: "fusion/test", messages });
  await fused.body?.cancel();
  assert.ok(gateway.upstream.requests.slice(2).every(({ model }) => model !== "a"));
});
