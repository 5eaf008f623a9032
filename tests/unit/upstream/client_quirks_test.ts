import assert from "node:assert/strict";
import { http, RawUpstream } from "../../support/raw_upstream.ts";
import { Caller, callOf, failureOfCall } from "../../support/upstream_calls.ts";

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
  await using upstream = strict("temperature", "top_k", "seed");
  const caller = new Caller(upstream.baseUrl);
  const call = {
    params: { temperature: 1, top_k: 5, seed: 1 },
    droppable: ["temperature", "top_k", "seed"],
  };
  await caller.complete(call);
  assert.equal(upstream.requests.length, 4);
  await caller.complete(call);
  assert.equal(upstream.requests.length, 5);
  const { messages: _, ...sent } = upstream.requests[4]!.body;
  assert.deepEqual(sent, { model: "m" });
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
  for (const status of [401, 403, 409, 429, 503]) {
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
