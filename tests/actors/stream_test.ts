import assert from "node:assert/strict";
import type { Delta, Run } from "../../src/fusion/outcome.ts";
import { InThreadSystem } from "../support/in_thread_system.ts";
import { hangs, refuses, says, ScriptedUpstream, streams } from "../support/scripted_upstream.ts";

const PANEL = {
  a: says("Paris is the capital of France."),
  b: says("The capital of France is Paris."),
  c: says("Lyon"),
  judge: says('{"consensus":["Paris"]}'),
};

async function deltasOf(run: Run): Promise<Delta[]> {
  return await Array.fromAsync(run.deltas);
}

function textOf(deltas: readonly Delta[]): string {
  return deltas.map(({ choices }) =>
    choices.map(({ delta }) => (delta as { content?: string } | undefined)?.content ?? "").join("")
  ).join("");
}

async function firstWord(reader: ReadableStreamDefaultReader<Delta>): Promise<string> {
  for (;;) {
    const { value } = await reader.read();
    const word = textOf(value ? [value] : []);
    if (word !== "" || value === undefined) return word;
  }
}

function finishOf(deltas: readonly Delta[]): unknown[] {
  return deltas.flatMap(({ choices }) =>
    choices.map(({ finish_reason }) => finish_reason).filter(Boolean)
  );
}

Deno.test("startRun() streams the synthesizer's own deltas, with the finish that was real", async () => {
  await using upstream = new ScriptedUpstream({
    ...PANEL,
    synth: streams(["Pa", "ris", ", of", " course"], { finish: "length" }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true });
  const deltas = await deltasOf(run);
  assert.equal(textOf(deltas), "Paris, of course");
  assert.deepEqual(finishOf(deltas), ["length"]);
  const outcome = await run.outcome;
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
  assert.equal(upstream.only("synth").body.stream, true);
  assert.equal("stream" in upstream.only("a").body, false);
});

Deno.test("startRun() hands on a delta before the synthesizer has written the next", async () => {
  const read = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream({
    ...PANEL,
    // The second piece waits for the reader to have the first.
    synth: streams(["Paris", " it is"], { step: (at) => at === 2 ? read.promise : undefined }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true });
  const reader = run.deltas.getReader();
  assert.equal(await firstWord(reader), "Paris");
  read.resolve();
  reader.releaseLock();
  assert.equal(textOf(await deltasOf(run)), " it is");
});

Deno.test("startRun() streams the single model's own deltas", async () => {
  await using upstream = new ScriptedUpstream({ single: streams(["Pa", "ris"]) });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true, route: "single" });
  assert.equal(textOf(await deltasOf(run)), "Paris");
  assert.equal((await run.outcome).route, "single");
});

Deno.test("startRun() counts a streamed answer's tokens and measures its shares", async () => {
  await using upstream = new ScriptedUpstream({
    ...PANEL,
    c: says("Lyon is the capital of France, I think."),
    synth: streams(["Paris is the", " capital of France."], {
      usage: { prompt: 9, completion: 8, cached: 7 },
    }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true, panel: { minQuorum: 3 } });
  await deltasOf(run);
  const { usage, trace } = await run.outcome;
  assert.deepEqual([usage.promptTokens, usage.completionTokens, usage.cachedTokens], [9, 8, 7]);
  assert.equal(trace.dominantShare, 1);
  assert.ok(trace.moments.some(({ what }) => what === "first_token"));
});

Deno.test("startRun() streams the best answer when the synthesizer refuses", async () => {
  await using upstream = new ScriptedUpstream({ ...PANEL, synth: refuses(500) });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true, panel: { minQuorum: 3 } });
  const deltas = await deltasOf(run);
  assert.match(textOf(deltas), /capital of France/, "one of the two that agree");
  assert.deepEqual(finishOf(deltas), ["stop"]);
  const outcome = await run.outcome;
  assert.equal(outcome.type === "answered" && outcome.outcome, "best_answer");
});

Deno.test("startRun() streams the best answer when the synthesizer's stream ends without a word", async () => {
  for (const synth of [streams([]), streams([], { cut: true })]) {
    await using upstream = new ScriptedUpstream({ ...PANEL, synth });
    await using system = new InThreadSystem(upstream.baseUrl);
    const run = system.start({ stream: true });
    assert.match(textOf(await deltasOf(run)), /Paris/);
    const outcome = await run.outcome;
    assert.equal(outcome.type === "answered" && outcome.outcome, "best_answer");
  }
});

Deno.test("startRun() cuts a best answer where the caller's stop and max_tokens would", async () => {
  const long = "one two three four five six seven eight nine ten ".repeat(20);
  await using upstream = new ScriptedUpstream({ a: says(long), b: says(`${long}END and more`) });
  await using system = new InThreadSystem(upstream.baseUrl);
  const answer = async (params: object) => {
    const outcome = await system.outcome({ params, members: ["b"], panel: { minQuorum: 1 } });
    assert.equal(outcome.type, "answered");
    return outcome.choices[0]!;
  };
  const stopped = await answer({ stop: "END" });
  assert.deepEqual([stopped.message.content, stopped.finish_reason], [long, "stop"]);
  const limited = await answer({ max_tokens: 10 });
  assert.equal(limited.finish_reason, "length");
  assert.ok(String(limited.message.content).length < 100);
});

Deno.test("startRun() never lets a stream that broke off look finished", async () => {
  await using upstream = new ScriptedUpstream({ ...PANEL, synth: streams(["Par"], { cut: true }) });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true });
  const deltas = await deltasOf(run);
  assert.deepEqual(finishOf(deltas), []);
  const outcome = await run.outcome;
  if (outcome.type === "answered") {
    // The break overtook the words: then none of them were told.
    assert.equal(outcome.outcome, "best_answer");
  } else assert.equal(outcome.reason, "upstream_error");
});

Deno.test("startRun() fails a stream that breaks off after its words were told", async () => {
  const read = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream({
    ...PANEL,
    synth: streams(["Par"], { cut: true, step: (at) => at === 2 ? read.promise : undefined }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true });
  const reader = run.deltas.getReader();
  assert.equal(await firstWord(reader), "Par");
  read.resolve();
  assert.equal((await reader.read()).done, true);
  const outcome = await run.outcome;
  assert.deepEqual(
    outcome.type === "failed" && [outcome.reason, outcome.failure?.code, outcome.message],
    [
      "upstream_error",
      "connect",
      "The synthesizer's call failed: Connection to the upstream failed or broke off",
    ],
  );
});

Deno.test("startRun() ends the deltas of a run that fails before it has any", async () => {
  await using upstream = new ScriptedUpstream({ "*": refuses(401) });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true });
  assert.deepEqual(await deltasOf(run), []);
  assert.equal((await run.outcome).type, "failed");
});

Deno.test("startRun() gives no deltas where no stream was asked for", async () => {
  await using upstream = new ScriptedUpstream({ ...PANEL, synth: says("Paris") });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start();
  assert.deepEqual(await deltasOf(run), []);
  assert.equal((await run.outcome).type, "answered");
});

Deno.test("startRun() lets a slow reader slow the upstream down", async () => {
  const piece = "x".repeat(16_384);
  const pieces = 4_000;
  let pulled = 0;
  await using upstream = new ScriptedUpstream({
    single: streams(
      (function* () {
        for (let at = 0; at < pieces; at++) yield piece;
      })(),
      { onPulled: () => pulled++ },
    ),
  });
  await using system = new InThreadSystem(upstream.baseUrl, { maxBodyBytes: 2 ** 28 });
  const run = system.start({ stream: true, route: "single" });
  const reader = run.deltas.getReader();
  let text = (await firstWord(reader)).length;
  // Nobody reads: the upstream goes on until window and sockets are full, then stands still.
  for (let before = -1; before !== pulled;) {
    before = pulled;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  assert.ok(pulled < pieces / 2, `${pulled} of ${pieces} pieces were written to nobody`);
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += textOf([next.value]).length;
  }
  assert.equal(text, piece.length * pieces);
});

Deno.test("startRun() closes the upstream's stream when the client cancels during it", async () => {
  await using upstream = new ScriptedUpstream({
    ...PANEL,
    synth: streams(["Pa", "ris"], {
      step: (at) => at === 2 ? new Promise(() => {}) : undefined,
      usage: { prompt: 1 },
    }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true });
  const reader = run.deltas.getReader();
  await firstWord(reader);
  run.cancel("client_left");
  await upstream.leftBy("synth");
  assert.equal((await reader.read()).done, true);
  const outcome = await run.outcome;
  assert.equal(outcome.type === "failed" && outcome.reason, "cancelled");
});

Deno.test("startRun() closes the upstream's stream when the reader of the deltas leaves", async () => {
  await using upstream = new ScriptedUpstream({
    single: streams((function* () {
      for (;;) yield "word ";
    })()),
  });
  await using system = new InThreadSystem(upstream.baseUrl, { maxBodyBytes: 2 ** 30 });
  const run = system.start({ stream: true, route: "single" });
  const reader = run.deltas.getReader();
  await reader.read();
  await reader.cancel();
  await upstream.leftBy("single");
  assert.equal((await run.outcome).type, "failed");
});

Deno.test("startRun() keeps what an upstream said of its usage when the client leaves in mid-stream", async () => {
  const encoder = new TextEncoder();
  await using upstream = new ScriptedUpstream({
    single: () =>
      new Response(
        new ReadableStream({
          start(controller) {
            const chunk = {
              choices: [{ index: 0, delta: { content: "Pa" }, finish_reason: null }],
              usage: { prompt_tokens: 40, completion_tokens: 2 },
            };
            controller.enqueue(encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`));
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      ),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true, route: "single" });
  await run.deltas.getReader().read();
  run.cancel("client_left");
  const { usage } = await run.outcome;
  assert.deepEqual([usage.promptTokens, usage.completionTokens], [40, 2]);
});

Deno.test("startRun() at the deadline ends a stream without a finish", async () => {
  await using upstream = new ScriptedUpstream({
    single: streams(["Pa"], { step: (at) => at === 2 ? new Promise(() => {}) : undefined }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true, route: "single", deadlineMs: 300 });
  assert.deepEqual(finishOf(await deltasOf(run)), []);
  const outcome = await run.outcome;
  assert.equal(outcome.type === "failed" && outcome.reason, "deadline_exceeded");
  await upstream.leftBy("single");
});

Deno.test("startRun() streams the best answer at the deadline when the synthesizer hangs", async () => {
  await using upstream = new ScriptedUpstream({ ...PANEL, synth: hangs() });
  await using system = new InThreadSystem(upstream.baseUrl);
  const run = system.start({ stream: true, deadlineMs: 900 });
  assert.match(textOf(await deltasOf(run)), /Paris/);
  const outcome = await run.outcome;
  assert.equal(outcome.type === "answered" && outcome.outcome, "best_answer");
  await upstream.leftBy("synth");
});
