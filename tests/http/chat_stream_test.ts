import assert from "node:assert/strict";
import type { Delta } from "../../src/fusion/outcome.ts";
import { answered, failed, profile, ScriptedRun } from "../support/scripted_run.ts";
import { CHAT, chat, door, scripted } from "../support/door.ts";
import { until } from "../support/until.ts";

type Chunk = Record<string, unknown> & {
  id: string;
  choices: { index: number; delta: Record<string, unknown>; finish_reason: string | null }[];
};

/** A streamed request's response, read piece by piece, as the door writes them. */
async function streaming(
  app: ReturnType<typeof door>["app"],
  change: Record<string, unknown> = {},
) {
  const response = await app.request(CHAT, chat({ stream: true, ...change }));
  assert.equal(response.status, 200);
  const pieces = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => (await pieces.read()).value;
  const rest = async () => {
    let text = "";
    for (let piece = await next(); piece !== undefined; piece = await next()) text += piece;
    return text;
  };
  return { response, next, rest, leave: () => pieces.cancel() };
}

/** The data of every event; comments skipped. */
function data(text: string): string[] {
  assert.ok(text === "" || text.endsWith("\n\n"), "ends between events");
  return text.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
}

function chunks(text: string): Chunk[] {
  return data(text).filter((line) => line !== "[DONE]").map((line) => JSON.parse(line));
}

function textOf(all: Chunk[], index = 0): string {
  return all.flatMap(({ choices }) => choices)
    .filter((choice) => choice.index === index)
    .map(({ delta }) => delta["content"] ?? "").join("");
}

function finishes(all: Chunk[]): [number, string][] {
  return all.flatMap(({ choices }) => choices)
    .filter((choice) => choice.finish_reason !== null)
    .map((choice) => [choice.index, choice.finish_reason!]);
}

Deno.test("chat stream opens with headers and the role before the run has done anything", async () => {
  const { app } = scripted();
  const { response, next, leave } = await streaming(app);
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.match(response.headers.get("cache-control")!, /no-cache/);
  assert.equal(response.headers.get("x-fusion-route"), null);
  assert.equal(response.headers.get("x-fusion-outcome"), null);
  assert.ok(response.headers.has("x-request-id"));
  const [first] = chunks((await next())!);
  assert.deepEqual(first, {
    id: "chatcmpl-id-2",
    object: "chat.completion.chunk",
    created: 1_800_000_000,
    model: "fusion/default",
    choices: [{
      index: 0,
      delta: { role: "assistant", content: "" },
      logprobs: null,
      finish_reason: null,
    }],
  });
  await leave();
});

Deno.test("chat stream sends each delta as it comes, then the finish reason and [DONE]", async () => {
  const { run, app } = scripted();
  const { next, rest } = await streaming(app);
  const opening = (await next())!;
  run.send({ index: 0, delta: { role: "assistant", content: "" } });
  run.say("Hel");
  const first = (await next())!;
  assert.equal(textOf(chunks(first)), "Hel");
  run.say("lo", { finish_reason: "length" });
  run.end();
  const all = opening + first + await rest();
  const events = data(all);
  assert.equal(events.at(-1), "[DONE]");
  const sent = chunks(all);
  assert.equal(textOf(sent), "Hello");
  assert.equal(sent.filter(({ choices }) => "role" in choices[0]!.delta).length, 1);
  assert.deepEqual(finishes(sent), [[0, "length"]]);
  assert.equal(finishes(sent.slice(0, -1)).length, 0);
  assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
  for (const chunk of sent) {
    assert.deepEqual(Object.keys(chunk), ["id", "object", "created", "model", "choices"]);
  }
});

Deno.test("chat stream passes on what a delta says beside content", async () => {
  const { run, app } = scripted();
  const { rest } = await streaming(app);
  const tool = { index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } };
  run.send({ index: 0, delta: { role: "assistant", content: null, tool_calls: [tool] } });
  run.send({ index: 0, delta: { reasoning_content: "hm" }, logprobs: { content: [] } });
  run.send({ index: 0, delta: {}, finish_reason: "tool_calls" });
  run.end();
  const sent = chunks(await rest());
  assert.deepEqual(sent[1]!.choices[0]!.delta, { content: null, tool_calls: [tool] });
  assert.deepEqual(sent[2]!.choices[0]!.delta, { reasoning_content: "hm" });
  assert.deepEqual((sent[2]!.choices[0] as Record<string, unknown>)["logprobs"], { content: [] });
  assert.deepEqual(finishes(sent), [[0, "tool_calls"]]);
});

Deno.test("chat stream finishes each choice exactly once", async () => {
  const { run, app } = scripted();
  const { rest } = await streaming(app, { n: 2 });
  run.send({ index: 1, delta: { content: "b" }, finish_reason: "stop" });
  run.send({ index: 0, delta: { content: "a" }, finish_reason: "length" });
  run.send({ index: 1, delta: {}, finish_reason: "stop" });
  run.end();
  const sent = chunks(await rest());
  const roles = sent.filter(({ choices }) => choices[0]!.delta["role"] === "assistant");
  assert.deepEqual(roles.map(({ choices }) => choices[0]!.index), [0, 1]);
  assert.deepEqual(finishes(sent), [[0, "length"], [1, "stop"]]);
  assert.deepEqual([textOf(sent, 0), textOf(sent, 1)], ["a", "b"]);
});

Deno.test("chat stream takes a finish reason that no delta gave from the outcome", async () => {
  const { run, app } = scripted();
  const { rest } = await streaming(app);
  run.say("Hello", { finish_reason: "" });
  const message = { role: "assistant", content: "Hello" };
  run.end(answered({ choices: [{ index: 0, message, finish_reason: "content_filter" }] }));
  assert.deepEqual(finishes(chunks(await rest())), [[0, "content_filter"]]);
});

Deno.test("chat stream sends usage only where it was asked for, in a chunk of its own", async () => {
  for (const asked of [true, false]) {
    const { run, app } = scripted();
    const { rest } = await streaming(app, { stream_options: { include_usage: asked } });
    run.say("Hello");
    run.end();
    const sent = chunks(await rest());
    if (!asked) {
      assert.ok(sent.every((chunk) => !("usage" in chunk)));
      continue;
    }
    const last = sent.pop()!;
    assert.deepEqual(last.choices, []);
    assert.equal((last["usage"] as Record<string, unknown>)["total_tokens"], 42);
    assert.ok(sent.every((chunk) => chunk["usage"] === null));
  }
});

Deno.test("chat stream puts the trace on the last chunk, and only where it was asked for", async () => {
  for (const include_usage of [true, false]) {
    const { run, app } = scripted();
    const options = { stream_options: { include_usage }, fusion: { trace: true } };
    const { rest } = await streaming(app, options);
    run.say("Hello");
    run.end();
    const sent = chunks(await rest());
    const last = sent.pop()!;
    assert.equal((last["fusion"] as Record<string, unknown>)["outcome"], "fused");
    assert.ok(sent.every((chunk) => !("fusion" in chunk)));
  }
});

Deno.test("chat stream keeps alive with empty chunks while nothing is said", async () => {
  const { run, app, clock } = scripted();
  const { next, rest } = await streaming(app);
  let all = await next();
  for (let silence = 0; silence < 3; silence++) {
    const alive = next();
    clock.advance(9_999);
    clock.advance(1);
    const piece = (await alive)!;
    assert.deepEqual(chunks(piece).map(({ choices }) => choices[0]!.delta), [{}]);
    all += piece;
  }
  run.say("Hello");
  run.end();
  all += await rest();
  const sent = chunks(all!);
  assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
  assert.equal(textOf(sent), "Hello");
  assert.deepEqual(finishes(sent), [[0, "stop"]]);
  assert.equal(clock.pending, 0);
});

Deno.test("chat stream keeps no one alive who is spoken to, and falls silent again", async () => {
  const { run, app, clock } = scripted();
  const { next, leave } = await streaming(app);
  await next();
  const spoken = next();
  clock.advance(9_000);
  run.say("a");
  assert.equal(textOf(chunks((await spoken)!)), "a");
  const alive = next();
  clock.advance(9_999);
  run.say("b");
  assert.equal(textOf(chunks((await alive)!)), "b");
  const later = next();
  clock.advance(10_000);
  assert.equal(textOf(chunks((await later)!)), "");
  await leave();
});

Deno.test("chat stream does not pile up signs of life for a client that does not read", async () => {
  const { run, app, clock } = scripted();
  const { next, rest } = await streaming(app);
  await next();
  for (let i = 0; i < 100; i++) clock.advance(10_000);
  run.say("Hello");
  run.end();
  assert.ok(chunks(await rest()).length < 6);
});

Deno.test("chat stream keeps alive with comments that no parser trips over", async () => {
  const stream = { keepalive: "comment", keepaliveMs: 5_000 } as const;
  const { run, app, clock } = scripted({ profiles: [profile({ stream })] });
  const { next, rest } = await streaming(app);
  let all = (await next())!;
  for (let silence = 0; silence < 2; silence++) {
    const alive = next();
    clock.advance(5_000);
    const piece = (await alive)!;
    assert.equal(piece, ": keepalive\n");
    all += piece;
  }
  run.say("Hello");
  run.end();
  all += await rest();
  assert.doesNotMatch(all, /: keepalive\n\n/);
  // A parser by lines, and a simple one by blocks that drops what does not start with "data: ".
  assert.equal(textOf(chunks(all)), "Hello");
  const blocks = all.split("\n\n").filter((block) => block.startsWith("data: {"));
  assert.equal(textOf(blocks.map((block) => JSON.parse(block.slice(6)))), "Hello");
});

Deno.test("chat stream says nothing in silence where keepalive is off", async () => {
  const stream = { keepalive: "off", keepaliveMs: 5_000 } as const;
  const { app, clock } = scripted({ profiles: [profile({ stream })] });
  const { next, leave } = await streaming(app);
  await next();
  assert.equal(clock.pending, 0);
  await leave();
});

Deno.test("chat stream ends a failed run in an error event, never as if it were finished", async () => {
  const failure = failed({
    reason: "panel_quorum_not_met",
    message: "Cannot reach quorum: 0 of 2 members answered",
    members: [{ label: "A", reason: "timeout" }],
  });
  for (const said of ["", "Hel"]) {
    const { run, app, admission } = scripted();
    const { rest } = await streaming(app, { stream_options: { include_usage: true } });
    if (said !== "") run.say(said, { finish_reason: "stop" });
    run.end(failure);
    const all = await rest();
    assert.doesNotMatch(all, /\[DONE\]/);
    const sent = chunks(all);
    const last = sent.pop()!;
    assert.deepEqual(last["error"], {
      message: "Cannot reach quorum: 0 of 2 members answered",
      type: "server_error",
      param: null,
      code: "panel_quorum_not_met",
      fusion: { members: [{ label: "A", reason: "timeout" }] },
    });
    assert.equal(textOf(sent), said);
    assert.deepEqual(finishes(sent), []);
    assert.equal(admission.inFlight, 0);
  }
});

Deno.test("chat stream tells of a run that breaks no more than that it did", async () => {
  const { run, app, admission, lines } = scripted();
  const { next, rest } = await streaming(app);
  await next();
  run.break(new Error("secret prompt"));
  const all = await rest();
  assert.equal((chunks(all)[0]!["error"] as Record<string, unknown>)["code"], "internal_error");
  assert.doesNotMatch(all + lines.join(), /secret|DONE/);
  await until(() => lines.length > 1);
  assert.match(lines.join(""), /error run broke id=id-1 error=Error at=/);
  assert.equal(admission.inFlight, 0);
});

Deno.test("chat stream whose deltas break ends in an error, though the run may end well", async () => {
  const { run, app, admission, lines } = scripted();
  const { next, rest } = await streaming(app);
  await next();
  run.say("Hel");
  await next();
  run.breakDeltas(new Error("secret prompt"));
  const all = await rest();
  assert.equal((chunks(all)[0]!["error"] as Record<string, unknown>)["code"], "internal_error");
  assert.deepEqual(finishes(chunks(all).filter((chunk) => chunk.choices)), []);
  assert.doesNotMatch(all + lines.join(), /secret|DONE/);
  assert.match(lines[0]!, /error stream broke id=id-1 error=Error at=/);
  assert.deepEqual(run.cancels, ["broken"]);
  assert.equal(admission.inFlight, 0);
});

Deno.test("chat stream takes a delta from the run only when its reader asks for one", async () => {
  let taken = 0;
  const deltas = new ReadableStream<Delta>({
    pull: (controller) => controller.enqueue({ choices: [{ delta: { content: `${++taken}` } }] }),
  }, { highWaterMark: 0 });
  const run = new ScriptedRun();
  const { app } = door({ startRun: () => Object.assign(run, { deltas }) });
  const response = await app.request(CHAT, chat({ stream: true }));
  const reader = response.body!.getReader();
  for (let asked = 0; asked < 5; asked++) {
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(taken, asked, "the role comes first, then one delta for each read");
  }
  await reader.cancel();
});

Deno.test("chat stream keeps its place until the body ends", async () => {
  const { run, app, admission } = scripted();
  const { next, rest } = await streaming(app);
  await next();
  assert.equal(admission.inFlight, 1);
  run.say("Hello");
  run.end();
  await run.outcome;
  assert.equal(admission.inFlight, 1);
  await rest();
  assert.equal(admission.inFlight, 0);
  assert.deepEqual(run.cancels, []);
});

Deno.test("chat stream cancels the run and gives its place back when the client leaves", async () => {
  for (const said of [0, 1]) {
    const { run, app, admission, clock, lines, metrics } = scripted();
    const { next, leave } = await streaming(app);
    await next();
    if (said > 0) {
      run.say("Hel");
      await next();
    }
    await leave();
    assert.deepEqual(run.cancels, ["client_left"]);
    assert.equal(admission.inFlight, 0);
    assert.equal(clock.pending, 0);
    await until(() => lines.length > 0);
    assert.match(lines[0]!, /outcome=cancelled status=499 .*tokens=42 cost_usd=0.003/);
    assert.match(await metrics.expose(), /requests_total\{.*outcome="cancelled"\} 1/);
  }
});

Deno.test("chat stream cancels a run whose response nobody ever read", async () => {
  const { run, app, admission } = scripted();
  const response = await app.request(CHAT, chat({ stream: true }));
  await response.body!.cancel();
  assert.deepEqual(run.cancels, ["client_left"]);
  assert.equal(admission.inFlight, 0);
});

Deno.test("chat stream reports its time to the first word", async () => {
  const { run, app, clock, lines, metrics } = scripted();
  const { next, rest } = await streaming(app);
  await next();
  const first = next();
  clock.advance(1_500);
  run.say("Hello");
  await first;
  clock.advance(500);
  run.end();
  await rest();
  await until(() => lines.length > 0);
  assert.match(lines[0]!, /status=200 ms=2000 first_token_ms=1500 /);
  const text = await metrics.expose();
  assert.match(text, /^tutti_first_token_seconds_sum 1\.5$/m);
  assert.match(text, /^tutti_request_seconds_sum 2$/m);
});

Deno.test("chat stream serves a run that has ended before anybody read it", async () => {
  const run = new ScriptedRun();
  run.say("Hello");
  run.end();
  const { app } = door({ startRun: () => run });
  const { rest } = await streaming(app);
  assert.equal(textOf(chunks(await rest())), "Hello");
});
