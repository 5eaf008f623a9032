/**
 * The door as OpenAI's own client sees it.
 */
import assert from "node:assert/strict";
import OpenAI from "openai";
import type { Failure } from "../../src/protocol/failure.ts";
import { failed, profile } from "../support/scripted_run.ts";
import { answering, door, scripted, served } from "../support/door.ts";

function client(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
}

const ask = {
  model: "fusion/default",
  messages: [{ role: "user" as const, content: "Hi" }],
};

Deno.test("openai client gets the same text streamed and not streamed", async () => {
  const { app } = door({
    startRun: ({ stream }) => {
      const run = answering("Hello, world");
      if (!stream) return run;
      const streamed = scripted().run;
      for (const piece of ["Hello", ", ", "world"]) streamed.say(piece);
      streamed.end();
      return streamed;
    },
  });
  await using server = served(app);
  const openai = client(server.url);
  const whole = await openai.chat.completions.create(ask);
  assert.equal(whole.choices[0]!.message.content, "Hello, world");
  let text = "";
  let finish: string | null = null;
  for await (const chunk of await openai.chat.completions.create({ ...ask, stream: true })) {
    text += chunk.choices[0]!.delta.content ?? "";
    finish = chunk.choices[0]!.finish_reason ?? finish;
  }
  assert.equal(text, "Hello, world");
  assert.equal(finish, "stop");
});

Deno.test("openai client assembles a stream with its usage and trace", async () => {
  const { run, app } = scripted();
  await using server = served(app);
  const stream = client(server.url).chat.completions.stream({
    ...ask,
    stream_options: { include_usage: true },
    ...{ fusion: { trace: true } },
  });
  run.say("Hello", { finish_reason: "length" });
  run.end();
  const whole = await stream.finalChatCompletion();
  assert.equal(whole.choices[0]!.message.content, "Hello");
  assert.equal(whole.choices[0]!.finish_reason, "length");
  assert.equal(whole.usage?.total_tokens, 42);
  assert.equal((whole as unknown as { fusion: { outcome: string } }).fusion.outcome, "fused");
});

for (const keepalive of ["chunk", "comment"] as const) {
  Deno.test(`openai client reads past keepalive by ${keepalive}`, async () => {
    const stream = { keepalive, keepaliveMs: 5_000 };
    const { run, app, clock } = scripted({ profiles: [profile({ stream })] });
    await using server = served(app);
    const chunks = await client(server.url).chat.completions.create({ ...ask, stream: true });
    clock.advance(5_000);
    clock.advance(5_000);
    run.say("Hello");
    run.end();
    let text = "";
    for await (const chunk of chunks) text += chunk.choices[0]!.delta.content ?? "";
    assert.equal(text, "Hello");
  });
}

Deno.test("openai client throws when a stream is cut, and does not take it for finished", async () => {
  const { run, app } = scripted();
  await using server = served(app);
  const chunks = await client(server.url).chat.completions.create({ ...ask, stream: true });
  run.say("Hel");
  run.end(failed({ message: "Cannot go on: the upstream broke off" }));
  let text = "";
  await assert.rejects(async () => {
    for await (const chunk of chunks) text += chunk.choices[0]!.delta.content ?? "";
  }, (error) => {
    assert.ok(error instanceof OpenAI.APIError);
    assert.equal(error.code, "upstream_error");
    return true;
  });
  assert.equal(text, "Hel");
});

Deno.test("openai client's abort cancels the run", async () => {
  const { run, app } = scripted();
  await using server = served(app);
  const chunks = await client(server.url).chat.completions.create({ ...ask, stream: true });
  run.say("Hel");
  for await (const chunk of chunks) if (chunk.choices[0]!.delta.content) chunks.controller.abort();
  assert.equal(await run.cancelled, "client_left");
});

Deno.test("openai client throws the class that belongs to each status", async () => {
  const upstream = (code: Failure["code"]): Failure => {
    return { code, source: "upstream", retryable: false, message: "said so" };
  };
  const cases = [
    [{ failure: upstream("http_400") }, OpenAI.BadRequestError, 400],
    [{ failure: upstream("http_401") }, OpenAI.AuthenticationError, 401],
    [{ failure: upstream("http_403") }, OpenAI.PermissionDeniedError, 403],
    [{ failure: upstream("http_404") }, OpenAI.NotFoundError, 404],
    [{ failure: upstream("http_429") }, OpenAI.RateLimitError, 429],
    [{ reason: "deadline_exceeded" }, OpenAI.InternalServerError, 504],
  ] as const;
  for (const [change, ErrorClass, status] of cases) {
    const { run, app } = scripted();
    await using server = served(app);
    run.end(failed(change));
    await assert.rejects(client(server.url).chat.completions.create(ask), (error) => {
      assert.ok(error instanceof ErrorClass, `${status}: ${error}`);
      assert.equal(error.status, status);
      assert.match(error.requestID!, /^id-/);
      return true;
    });
  }
});

Deno.test("openai client lists and retrieves models", async () => {
  const { app } = door({ profiles: [profile(), profile({ name: "fast" })] });
  await using server = served(app);
  const openai = client(server.url);
  const ids = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  assert.deepEqual(ids, ["fusion/default", "fusion/fast"]);
  assert.equal((await openai.models.retrieve("fusion/fast")).owned_by, "tutti");
});
