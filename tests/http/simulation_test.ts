import assert from "node:assert/strict";
import OpenAI from "openai";
import type { Behaviour } from "../../src/simulation/behaviour.ts";
import type { RecordedRequest } from "../../src/simulation/recorded_request.ts";
import {
  type Simulation,
  type SimulationOptions,
  startSimulation,
} from "../../src/simulation/simulation.ts";
import { ManualClock } from "../support/manual_clock.ts";

const question = "Why is the sky blue?";

const clientOf = ({ url }: Simulation, apiKey = "sk-test-key"): OpenAI =>
  new OpenAI({ baseURL: url, apiKey, maxRetries: 0 });

function post(
  { url }: Simulation,
  body: Record<string, unknown> = {},
  { signal, path = "/chat/completions" }: { signal?: AbortSignal; path?: string } = {},
): Promise<Response> {
  const messages = [{ role: "user", content: question }];
  return fetch(url + path, {
    method: "POST",
    body: JSON.stringify({ model: "m", messages, ...body }),
    signal,
  });
}

async function contentOf(simulation: Simulation, body: Record<string, unknown> = {}) {
  const response = await post(simulation, body);
  const json = await response.json();
  return json.choices ? json.choices[0].message.content : json.error.message;
}

/** Sends a request that is left again once the simulation says `when`; gives the far end's record. */
async function leave(
  options: SimulationOptions,
  { body = {}, when }: {
    body?: Record<string, unknown>;
    when: (request: RecordedRequest) => boolean;
  },
): Promise<RecordedRequest> {
  await using simulation = await startSimulation(options);
  const abort = new AbortController();
  const left = post(simulation, body, { signal: abort.signal })
    .then((response) => response.text())
    .catch((error) => error.name);
  await simulation.waitFor(when);
  abort.abort();
  assert.equal(await left, "AbortError");
  return await simulation.waitFor(({ endedAs }) => endedAs !== undefined);
}

const arrived = (): boolean => true;
const begun = ({ firstByteAt }: RecordedRequest): boolean => firstByteAt !== undefined;

Deno.test("startSimulation() answers the openai client, labelled as simulated", async () => {
  await using simulation = await startSimulation();
  const { data, response } = await clientOf(simulation).chat.completions.create({
    model: "anything",
    messages: [{ role: "user", content: question }],
  }).withResponse();
  assert.match(data.choices[0]!.message.content!, /Rayleigh/);
  assert.equal(data.choices[0]!.finish_reason, "stop");
  assert.equal(data.system_fingerprint, "simulated");
  assert.equal(response.headers.get("x-simulated"), "true");
  assert.equal(
    data.usage!.total_tokens,
    data.usage!.prompt_tokens + data.usage!.completion_tokens,
  );
  assert.ok(data.usage!.completion_tokens > 10);
});

Deno.test("startSimulation() streams to the openai client what it answers unstreamed", async () => {
  await using simulation = await startSimulation({
    defaults: { tokensPerSecond: 20_000, reasoning: true, cachedShare: 0.5 },
  });
  const client = clientOf(simulation);
  const body = {
    model: "m",
    seed: 5,
    n: 2,
    messages: [{ role: "user" as const, content: question }],
  };
  const whole = await client.chat.completions.create(body);
  const stream = client.chat.completions.stream({
    ...body,
    stream_options: { include_usage: true },
  });
  const streamed = await stream.finalChatCompletion();
  assert.equal(whole.choices.length, 2);
  assert.deepEqual(
    streamed.choices.map(({ message }) => message.content),
    whole.choices.map(({ message }) => message.content),
  );
  assert.deepEqual(streamed.usage, whole.usage);
  assert.ok(whole.usage!.prompt_tokens_details!.cached_tokens! > 0);
  assert.ok(whole.usage!.completion_tokens_details!.reasoning_tokens! > 0);
});

Deno.test("startSimulation() runs the openai client's tool loop, parallel calls included", async () => {
  await using simulation = await startSimulation();
  const asked: string[] = [];
  const runner = clientOf(simulation).chat.completions.runTools({
    model: "m",
    stream: true,
    messages: [{ role: "user", content: "What is the weather in Paris and Rome?" }],
    tools: [{
      type: "function",
      function: {
        name: "get_weather",
        description: "Current temperature of a city",
        parameters: { type: "object", properties: { city: { type: "string" } } },
        parse: JSON.parse,
        function: ({ city }: { city: string }) => {
          asked.push(city);
          return `${city} has 21 degrees`;
        },
      },
    }],
  });
  const answer = await runner.finalContent();
  assert.deepEqual(asked, ["Paris", "Rome"]);
  assert.match(answer!, /Paris has 21 degrees/);
  assert.match(answer!, /Rome has 21 degrees/);
  assert.equal(simulation.requests.length, 2);
});

Deno.test("startSimulation() serves models, embeddings and text completions", async () => {
  await using simulation = await startSimulation({ models: [{ name: "one" }, { name: "two" }] });
  const client = clientOf(simulation);
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.deepEqual(names, ["one", "two"]);
  assert.equal((await client.models.retrieve("two")).id, "two");
  const { data } = await client.embeddings.create({
    model: "one",
    input: ["a b", "c"],
    dimensions: 64,
  });
  assert.deepEqual(data.map(({ embedding }) => embedding.length), [64, 64]);
  const text = await client.completions.create({ model: "one", prompt: question });
  assert.match(text.choices[0]!.text, /Rayleigh/);
  const stream = await client.completions.create({ model: "one", prompt: question, stream: true });
  let streamed = "";
  for await (const chunk of stream) streamed += chunk.choices[0]?.text ?? "";
  assert.match(streamed, /Rayleigh/);
});

Deno.test("startSimulation() fails as the API fails, by the openai client's error classes", async () => {
  await using simulation = await startSimulation({
    apiKey: "sk-right",
    strictModels: true,
    models: [
      { name: "broken", failures: { http500: 1 } },
      { name: "busy", failures: { http429: 1 }, retryAfterS: 7 },
      { name: "strict", refuses: ["temperature"] },
    ],
  });
  const client = clientOf(simulation, "sk-right");
  const ask = (model: string, from = client) =>
    from.chat.completions.create({
      model,
      temperature: 0.3,
      messages: [{ role: "user", content: "x" }],
    });
  await assert.rejects(ask("broken", clientOf(simulation, "sk-wrong")), OpenAI.AuthenticationError);
  await assert.rejects(ask("unknown"), OpenAI.NotFoundError);
  await assert.rejects(ask("broken"), OpenAI.InternalServerError);
  await assert.rejects(
    ask("busy"),
    (error) => error instanceof OpenAI.RateLimitError && error.headers.get("retry-after") === "7",
  );
  await assert.rejects(
    ask("strict"),
    (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature",
  );
  assert.equal(simulation.totals.ended.failed, 5);
});

Deno.test("startSimulation() answers what it does not know in OpenAI's error shape", async () => {
  await using simulation = await startSimulation();
  const send = async (path: string, init: RequestInit) => {
    const response = await fetch(simulation.url + path, init);
    const { error } = await response.json();
    assert.equal(typeof error.message, "string");
    assert.equal(error.type, "invalid_request_error");
    return response.status;
  };
  assert.equal(await send("/nothing", { method: "POST", body: "{}" }), 404);
  assert.equal(await send("/chat/completions", {}), 405);
  assert.equal(await send("/models", { method: "DELETE" }), 405);
  assert.equal(await send("/chat/completions", { method: "POST", body: "{" }), 400);
  assert.equal(await send("/chat/completions", { method: "POST", body: "[]" }), 400);
  assert.equal(await send("/embeddings", { method: "POST", body: "{}" }), 400);
});

Deno.test("Simulation.requests hold what was sent, and no key", async () => {
  await using simulation = await startSimulation();
  await clientOf(simulation, "sk-very-secret").chat.completions.create({
    model: "m",
    messages: [{ role: "user", content: question }],
    temperature: 0.5,
  });
  const [record] = simulation.requests;
  assert.ok(record);
  assert.equal(record.path, "/v1/chat/completions");
  assert.equal(record.authorized, true);
  assert.equal(record.headers["content-type"], "application/json");
  assert.equal(record.body.temperature, 0.5);
  assert.deepEqual([record.model, record.stage, record.status], ["m", "answer", 200]);
  assert.equal(record.endedAs, "completed");
  assert.ok(record.bytesSent > 100 && record.endedAt! >= record.at);
  assert.doesNotMatch(JSON.stringify(simulation.requests), /sk-very-secret/);
});

Deno.test("RecordedRequest is aborted when its client leaves before the headers", async () => {
  const record = await leave({ defaults: { failures: { hang: 1 } } }, { when: arrived });
  assert.deepEqual([record.endedAs, record.status, record.bytesSent], ["aborted", 0, 0]);
});

Deno.test("RecordedRequest is aborted when its client leaves a slow answer", async () => {
  const record = await leave({ defaults: { firstTokenMs: 60_000 } }, { when: arrived });
  assert.deepEqual([record.endedAs, record.usage], ["aborted", undefined]);
});

Deno.test("RecordedRequest is aborted when its client leaves a stream before its first token", async () => {
  const record = await leave({ defaults: { firstTokenMs: 60_000 } }, {
    body: { stream: true },
    when: arrived,
  });
  assert.equal(record.endedAs, "aborted");
  assert.equal(record.bytesSent, 0);
});

Deno.test("RecordedRequest is aborted when its client leaves in mid-stream", async () => {
  const record = await leave({ defaults: { tokensPerSecond: 2 } }, {
    body: { stream: true },
    when: begun,
  });
  assert.equal(record.endedAs, "aborted");
  assert.equal(record.status, 200);
  assert.ok(record.bytesSent > 0);
});

Deno.test("RecordedRequest is aborted when its client leaves in the middle of its own body", async () => {
  await using simulation = await startSimulation();
  const { hostname, port } = new URL(simulation.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n";
  await connection.write(new TextEncoder().encode(`${head}{"model":`));
  connection.close();
  const record = await simulation.waitFor(({ endedAs }) => endedAs !== undefined);
  assert.deepEqual([record.endedAs, record.body], ["aborted", undefined]);
});

for (const stream of [true, false]) {
  Deno.test(`RecordedRequest is aborted when its client leaves a body that hangs, stream: ${stream}`, async () => {
    const record = await leave({ script: () => ({ hang: "body" }) }, {
      body: { stream },
      when: begun,
    });
    assert.equal(record.endedAs, "aborted");
    assert.ok(record.bytesSent > 0);
  });

  Deno.test(`Behaviour.cutAfterBytes breaks the body off there, stream: ${stream}`, async () => {
    await using simulation = await startSimulation({ script: () => ({ cutAfterBytes: 100 }) });
    const response = await post(simulation, { stream });
    assert.equal(response.status, 200);
    let read = 0;
    await assert.rejects(async () => {
      for await (const bytes of response.body!) read += bytes.length;
    }, TypeError);
    assert.equal(read, 100);
    const record = await simulation.waitFor(({ endedAs }) => endedAs === "cut");
    assert.equal(record.bytesSent, 100);
  });

  Deno.test(`ModelSettings.failures.cut breaks the body off somewhere, stream: ${stream}`, async () => {
    await using simulation = await startSimulation({ defaults: { failures: { cut: 1 } } });
    const response = await post(simulation, { stream });
    await assert.rejects(response.text(), TypeError);
    assert.equal(simulation.totals.ended.cut, 1);
  });
}

Deno.test("ModelSettings.failures.malformed sends a stream that no client can read", async () => {
  await using simulation = await startSimulation({ defaults: { failures: { malformed: 1 } } });
  for (let number = 0; number < 10; number++) {
    const text = await (await post(simulation, { stream: true })).text();
    const events = text.split("\n\n").filter((event) => event !== "" && event !== "data: [DONE]");
    assert.throws(
      () => events.map((event) => JSON.parse(event.replace("data: ", ""))),
      SyntaxError,
    );
  }
  assert.equal(simulation.totals.ended.failed, 10);
  assert.equal(simulation.totals.usage.total_tokens, 0);
});

Deno.test("ModelSettings.failures.empty answers null or nothing", async () => {
  await using simulation = await startSimulation({ defaults: { failures: { empty: 1 } } });
  const contents = await Promise.all(Array.from({ length: 20 }, async () => {
    const response = await post(simulation);
    return (await response.json()).choices[0].message.content;
  }));
  assert.deepEqual([...new Set(contents)].sort(), ["", null]);
});

Deno.test("ModelSettings.failures.drip sends the same body a byte at a time", async () => {
  const clock = new ManualClock();
  await using simulation = await startSimulation({
    clock,
    models: [{ name: "m", failures: { drip: 1 }, dripMs: 1_000, answerBytes: 64 }],
  });
  const reader = (await post(simulation)).body!.getReader();
  const bytes: number[] = [];
  for (;;) {
    clock.advance(1_000);
    const { value, done } = await reader.read();
    if (done) break;
    assert.equal(value.length, 1);
    bytes.push(...value);
  }
  const json = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes)));
  assert.equal(json.choices[0].message.content.length, 64);
});

Deno.test("Script decides request by request, with the model's own faults off", async () => {
  const behaviours: (Behaviour | undefined)[] = [
    { answer: "scripted" },
    { status: 429, headers: { "retry-after": "3" } },
    { status: 418, body: "teapot" },
    { usage: { prompt: 1, completion: 2, cached: 1 } },
    { usage: null },
    { fault: "http500" },
    undefined,
  ];
  await using simulation = await startSimulation({
    defaults: { failures: { empty: 1 } },
    script: ({ number }) => behaviours[number - 1],
  });
  assert.equal(await contentOf(simulation), "scripted");
  const limited = await post(simulation);
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "3"]);
  assert.equal((await limited.json()).error.code, "rate_limit_exceeded");
  const raw = await post(simulation);
  assert.deepEqual([raw.status, await raw.text()], [418, "teapot"]);
  assert.equal((await (await post(simulation)).json()).usage.total_tokens, 3);
  assert.equal((await (await post(simulation)).json()).usage, undefined);
  assert.equal((await post(simulation)).body?.cancel() instanceof Promise, true);
  assert.equal(simulation.requests[5]!.fault, "http500");
  assert.ok(
    ["", null].includes((await (await post(simulation)).json()).choices[0].message.content),
  );
});

Deno.test("RecordedRequest.usage counts as told from the last byte of the event that tells it", async () => {
  const streamed = { stream: true, stream_options: { include_usage: true }, seed: 1 };
  const pace = { chunkMs: 0 };
  const cuts: number[] = [];
  await using simulation = await startSimulation({
    script: () => cuts.length > 0 ? { ...pace, cutAfterBytes: cuts.shift()! } : pace,
  });
  const whole = await (await post(simulation, streamed)).text();
  const toldAt = new TextEncoder().encode(whole).length - "data: [DONE]\n\n".length;
  cuts.push(toldAt - 1, toldAt);
  for (let cut = 0; cut < 2; cut++) {
    await assert.rejects(async () => await (await post(simulation, streamed)).text());
  }
  const usages = simulation.requests.map(({ endedAs, usage }) => [endedAs, usage?.total_tokens]);
  const [, tokens] = usages[0]!;
  assert.ok(Number(tokens) > 0);
  assert.deepEqual(usages, [["completed", tokens], ["cut", undefined], ["cut", tokens]]);
  assert.equal(simulation.totals.reportedUsage.total_tokens, 2 * Number(tokens));
});

Deno.test("Behaviour.until holds the answer back until then", async () => {
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  await using simulation = await startSimulation({ script: () => ({ until, answer: "at last" }) });
  const answer = contentOf(simulation);
  const record = await simulation.waitFor(arrived);
  assert.equal(record.endedAs, undefined);
  release();
  assert.equal(await answer, "at last");
});

Deno.test("Behaviour.chunks are written as they are, and read only as the client reads", async () => {
  let made = 0;
  function* endless(): Generator<Uint8Array> {
    for (;;) {
      made++;
      yield new Uint8Array(65_536);
    }
  }
  await using simulation = await startSimulation({
    script: ({ number }) => number === 1 ? { chunks: ["data: {", "}\n\n"] } : { chunks: endless() },
  });
  assert.equal(await (await post(simulation)).text(), "data: {}\n\n");
  const response = await post(simulation);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  const record = await simulation.waitFor(({ number, endedAs }) => number === 2 && !!endedAs);
  assert.equal(record.endedAs, "aborted");
  assert.ok(made < 1_000, `${made} chunks were made for a client that read one`);
});

Deno.test("Script that throws is told to the client", async () => {
  await using simulation = await startSimulation({
    script: () => {
      throw new Error("not like this");
    },
  });
  const response = await post(simulation);
  assert.equal(response.status, 500);
  assert.match((await response.json()).error.message, /not like this/);
});

Deno.test("startSimulation() with the same seed and requests repeats answers, faults and latencies", async () => {
  const run = async (seed: number): Promise<unknown[]> => {
    await using simulation = await startSimulation({
      seed,
      defaults: { failures: { http500: 0.2, empty: 0.2 } },
    });
    const results = [];
    for (let number = 0; number < 12; number++) {
      results.push(await contentOf(simulation, { model: number % 2 ? "odd" : "even" }));
    }
    return results;
  };
  const first = await run(1);
  assert.deepEqual(await run(1), first);
  assert.notDeepEqual(await run(2), first);
});

Deno.test("startSimulation() gives a request with a seed the same words every time", async () => {
  await using simulation = await startSimulation();
  const answers = new Set<string>();
  for (let number = 0; number < 6; number++) answers.add(await contentOf(simulation, { seed: 3 }));
  assert.equal(answers.size, 1);
  for (let number = 0; number < 6; number++) answers.add(await contentOf(simulation));
  assert.ok(answers.size > 1);
});

Deno.test("SimulationOptions.clock decides when a token comes", async () => {
  const clock = new ManualClock();
  await using simulation = await startSimulation({
    clock,
    defaults: { firstTokenMs: 1_000, tokensPerSecond: 1 },
  });
  const response = await post(simulation, { stream: true });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal(simulation.requests[0]!.bytesSent, 0);
  clock.advance(1_000);
  assert.match((await reader.read()).value!, /"role":"assistant"/);
  let text = "";
  let reads = 0;
  for (; !text.includes("[DONE]"); reads++) {
    clock.advance(5_000);
    text += (await reader.read()).value;
  }
  await reader.cancel();
  const [{ at, firstByteAt, endedAt }] = simulation.requests as [RecordedRequest];
  assert.equal(firstByteAt, at + 1_000);
  assert.equal(endedAt, at + 1_000 + reads * 5_000);
  assert.ok(reads > 5);
});

Deno.test("Simulation.close() ends what hangs, and what waits for it", async () => {
  const simulation = await startSimulation({
    script: ({ number }) => ({ hang: number === 1 ? "headers" : "body" }),
  });
  const [before, body] = [post(simulation), post(simulation, { stream: true })];
  const never = assert.rejects(simulation.waitFor(() => false), /closed/);
  await simulation.waitFor(({ number }) => number === 1);
  await simulation.waitFor(begun);
  await simulation.close();
  await never;
  assert.deepEqual(simulation.requests.map(({ endedAs }) => endedAs), ["hung", "hung"]);
  assert.equal(simulation.totals.open, 0);
  await Promise.all(
    // Either may have failed before its headers: its connection is closed too.
    [before, body].map((each) => each.then(({ body }) => body?.cancel()).catch(() => {})),
  );
});

Deno.test("Simulation.close() does not wait for a client that does not read", async () => {
  function* endless(): Generator<Uint8Array> {
    for (;;) yield new Uint8Array(65_536);
  }
  const simulation = await startSimulation({ script: () => ({ chunks: endless() }) });
  const response = await post(simulation);
  await simulation.close();
  assert.equal(simulation.totals.open, 0);
  await assert.rejects(response.arrayBuffer());
});

Deno.test("startSimulation() rejects where the port is taken", async () => {
  await using simulation = await startSimulation();
  const port = Number(new URL(simulation.url).port);
  await assert.rejects(startSimulation({ port }), Deno.errors.AddrInUse);
});
