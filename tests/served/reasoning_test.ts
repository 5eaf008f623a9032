/**
 * Reasoning through the whole gateway: apart from what is said, the members' for nobody, the final
 * model's for the client; and the run's own progress in its place, where that is wanted.
 */
import assert from "node:assert/strict";
import { ServedGateway } from "../support/served_gateway.ts";

const single = { fusion: { route: "single" } };

Deno.test("the final model's reasoning reaches the client apart from its content, streamed and not", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) =>
      model === "synth" || model === "solo"
        ? { answer: "Paris.", reasoning: "Let me think." }
        : undefined,
  });
  for (const route of [{}, single]) {
    const { body } = await gateway.ask(route);
    const { message } = body.choices[0];
    assert.deepEqual([message.content, message.reasoning_content], ["Paris.", "Let me think."]);
    const { text, reasoning, done } = await gateway.stream(route);
    assert.deepEqual([text, reasoning, done], ["Paris.", "Let me think.", true]);
  }
});

Deno.test("reasoning under its other name is passed on as it is", async () => {
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const message = { role: "assistant", content: "Paris.", reasoning: "Hm." };
  await using gateway = await ServedGateway.start({
    script: ({ stream }) =>
      stream
        ? {
          headers: { "content-type": "text/event-stream" },
          chunks: [
            event({ reasoning: "Hm." }),
            event({ content: "Paris." }),
            event({}, "stop"),
            "data: [DONE]\n\n",
          ],
        }
        : { body: JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] }) },
  });
  const { body } = await gateway.ask(single);
  assert.equal(body.choices[0].message.reasoning, "Hm.");
  const { chunks, text } = await gateway.stream(single);
  assert(chunks.some(({ choices }) => choices[0]?.delta?.reasoning === "Hm."));
  assert.equal(text, "Paris.");
});

Deno.test("nobody is shown what the members thought, wherever they wrote it", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) =>
      model === "a"
        ? { answer: "It is Paris.", reasoning: "SECRET one" }
        : model === "b"
        ? { answer: "<think>SECRET two</think>\nParis it is." }
        : model === "c"
        ? { answer: "SECRET three\n</think>\n\nThat is Paris." }
        : undefined,
    panel: "grace_ms = 5000",
  });
  assert.equal((await gateway.ask()).headers.get("x-fusion-outcome"), "fused");
  for (const model of ["judge", "synth"]) {
    const prompt = JSON.stringify(gateway.bodies(model)[0].messages);
    assert.doesNotMatch(prompt, /SECRET|think>/, model);
    for (const said of ["It is Paris.", "Paris it is.", "That is Paris."]) {
      assert(prompt.includes(said));
    }
  }
});

Deno.test("a member that only thinks has not answered", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) => model === "b" ? { answer: "<think>So much to consider" } : undefined,
  });
  const { body } = await gateway.ask({ fusion: { trace: true } });
  const b = body.fusion.panel.find(({ model }: { model: string }) => model === "b");
  assert.equal(b.status, "empty");
});

Deno.test("a judge may think before its JSON", async () => {
  const analysis = {
    consensus: ["Paris"],
    contradictions: [],
    unique_insights: [],
    blind_spots: [],
    reliability: [],
    strongest_objection: "",
  };
  await using gateway = await ServedGateway.start({
    script: ({ model }) =>
      model === "judge"
        ? { answer: `<think>{"consensus": maybe}</think>${JSON.stringify(analysis)}` }
        : undefined,
  });
  const { body } = await gateway.ask({ fusion: { trace: true } });
  assert.deepEqual(body.fusion.analysis.consensus, ["Paris"]);
});

Deno.test('progress = "reasoning" tells what panel and judge do, and never in the content', async () => {
  const held = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    stream: 'progress = "reasoning"',
    panel: "grace_ms = 0",
    script: ({ model }) => model === "c" ? { until: held.promise } : undefined,
  });
  const { text, reasoning, chunks, done } = await gateway.stream({ fusion: { trace: true } });
  held.resolve();
  const lines = reasoning.trimEnd().split("\n");
  assert.equal(lines[0], "Asking 3 models");
  assert.deepEqual(
    lines.slice(1, 3).map((line) => line.replace(/[\d.]+ s/, "_ s")).sort(),
    [
      "M1 answered after _ s (1 of 3)",
      "M2 answered after _ s (2 of 3)",
    ].map((line, at) => lines[1]!.startsWith("M1") ? line : line.replace(/\(\d/, `(${2 - at}`)),
  );
  assert(lines.includes("M3 was not waited for"));
  assert(lines.includes("Judge: comparing 2 answers"));
  assert(
    lines.some((line) =>
      /^Judge: \d+ shared claims?, \d+ contradictions?, \d+ single insights? \(\d/.test(line)
    ),
  );
  assert.equal(lines.at(-1), "Writing the answer");
  assert(done && text.length > 0);
  assert.doesNotMatch(text, /M1|Judge|Writing/);
  const firstContent = chunks.findIndex(({ choices }) => choices[0]?.delta?.content);
  const lastReasoning = chunks.findLastIndex(({ choices }) => choices[0]?.delta?.reasoning_content);
  assert(lastReasoning < firstContent);
  const whole = await gateway.ask();
  assert.equal(whole.body.choices[0].message.reasoning_content, undefined);
});

Deno.test("progress comes while the panel still works, and spoils no stand-in", async () => {
  const held = Promise.withResolvers<void>();
  await using gateway = await ServedGateway.start({
    stream: 'progress = "reasoning"',
    script: ({ model }) =>
      model === "synth" ? { status: 500 } : model === "judge" ? undefined : { until: held.promise },
  });
  const response = await gateway.post({ stream: true });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("Asking 3 models")) {
    seen += (await reader.read()).value ?? assert.fail("ended");
  }
  held.resolve();
  for (let part = await reader.read(); !part.done; part = await reader.read()) seen += part.value;
  assert.match(seen, /\[DONE\]/);
  assert.doesNotMatch(await gateway.metrics(), /tutti_first_token_seconds_count 0/);
  assert.match(await gateway.metrics(), /outcome="best_answer"/);
});

Deno.test("progress is off by default and silent on the single route", async () => {
  await using off = await ServedGateway.start();
  assert.equal((await off.stream()).reasoning, "");
  await using on = await ServedGateway.start({ stream: 'progress = "reasoning"' });
  assert.equal((await on.stream(single)).reasoning, "");
});
