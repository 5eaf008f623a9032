/**
 * Strict upstreams, met by the whole gateway: what a model refuses is learned once and remembered
 * by every worker, or known from the configuration and never met.
 */
import assert from "node:assert/strict";
import { QUESTION, ServedGateway } from "../support/served_gateway.ts";

const strict = (
  ...refuses: (
    | "temperature"
    | "system"
    | "alternation"
    | "stream_options"
    | "max_tokens"
    | "image"
    | "unknown"
  )[]
) => ({
  defaults: { refuses },
});

function refusals(gateway: ServedGateway): string[] {
  return gateway.upstream.requests.filter(({ status }) => status === 400).map(({ model }) => model);
}

const chat = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "What is the capital of France?" },
  { role: "assistant", content: "Paris." },
  { role: "user", content: "And of Italy?" },
];

Deno.test("a panel of models with strict chat templates answers, streamed and not", async () => {
  await using gateway = await ServedGateway.start(strict("alternation", "system"));
  const whole = await gateway.ask({ messages: chat });
  assert.equal(whole.status, 200, JSON.stringify(whole.body));
  assert.equal(whole.headers.get("x-fusion-outcome"), "fused");
  const streamed = await gateway.stream({ messages: chat });
  assert(streamed.text.length > 0 && streamed.done);
});

Deno.test("what a model refuses is learned once, by whichever worker, for all of them", async () => {
  await using gateway = await ServedGateway.start(
    strict("alternation", "system", "temperature", "stream_options"),
  );
  await gateway.stream({ messages: chat, temperature: 0.3 }).catch(() => {});
  for (let round = 0; round < 3; round++) await gateway.ask({ messages: chat });
  const learnt = refusals(gateway).length;
  for (let round = 0; round < 4; round++) {
    assert.equal((await gateway.ask({ messages: chat })).status, 200);
    const { done, error } = await gateway.stream({ messages: chat });
    assert(done, JSON.stringify(error));
  }
  // A first stream also teaches the synthesizer about stream_options.
  assert(refusals(gateway).length <= learnt + 1, `${learnt} and then ${refusals(gateway)}`);
});

Deno.test("[backend] quirks are kept from the first call on", async () => {
  await using gateway = await ServedGateway.start({
    ...strict("alternation", "system", "temperature", "stream_options", "max_tokens"),
    backend:
      `quirks = ["alternate_roles", "no_system", "no_temperature", "no_stream_options", "max_completion_tokens"]`,
  });
  const { status, body } = await gateway.ask({ messages: chat, max_tokens: 50 });
  assert.equal(status, 200, JSON.stringify(body));
  assert((await gateway.stream({ messages: chat, max_tokens: 50 })).done);
  assert.deepEqual(refusals(gateway), []);
  const [sent] = gateway.bodies("synth");
  assert.equal(sent.max_completion_tokens, 50);
  assert.equal(sent.max_tokens, undefined);
  assert(sent.messages.every(({ role }: { role: string }) => role !== "system"));
});

Deno.test("what the caller asked for is not dropped from the final call: its refusal is told", async () => {
  await using gateway = await ServedGateway.start({
    models: [{ name: "synth", refuses: ["temperature"] }, {
      name: "solo",
      refuses: ["temperature"],
    }],
  });
  const { status, body } = await gateway.ask({ temperature: 0.3, fusion: { route: "single" } });
  assert.equal(status, 400);
  assert.equal(body.error.code, "unsupported_value");
});

const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
const withImage = [{
  role: "user",
  content: [{ type: "text", text: "What is the capital of France?" }, image],
}];

Deno.test("members that take no images are skipped with a reason, and not asked again", async () => {
  await using gateway = await ServedGateway.start({ models: [{ name: "b", refuses: ["image"] }] });
  const { body } = await gateway.ask({ messages: withImage, fusion: { trace: true } });
  const statuses = (fusion: { panel: { model: string; status: string }[] }) =>
    Object.fromEntries(fusion.panel.map(({ model, status }) => [model, status]));
  assert.deepEqual(statuses(body.fusion), { a: "answered", b: "unsupported", c: "answered" });
  const again = await gateway.ask({ messages: withImage, fusion: { trace: true } });
  assert.equal(statuses(again.body.fusion).b, "unsupported");
  assert.equal(gateway.bodies("b").length, 1);
  assert.deepEqual(gateway.bodies("judge")[0].messages[0].content[1], image);
  assert.deepEqual(gateway.bodies("synth")[0].messages[0].content[1], image);
  assert.equal((await gateway.ask({ messages: QUESTION })).status, 200);
  assert.equal(gateway.bodies("b").length, 2);
});

Deno.test("a judge and a synthesizer without eyes get the text without the images", async () => {
  await using gateway = await ServedGateway.start({
    models: [{ name: "judge", refuses: ["image"] }, { name: "synth", refuses: ["image"] }],
  });
  const whole = await gateway.ask({ messages: withImage });
  assert.equal(whole.headers.get("x-fusion-outcome"), "fused");
  assert((await gateway.stream({ messages: withImage })).done);
  for (const model of ["judge", "synth"]) {
    const { content } = gateway.bodies(model).at(-1).messages[0];
    assert.match(content, /capital of France\?\n\[image_url: not shown\]/);
  }
});

Deno.test("a panel without eyes fails with 400 and each member's reason", async () => {
  await using gateway = await ServedGateway.start({ backend: 'quirks = ["no_images"]' });
  const { status, body } = await gateway.ask({ messages: withImage });
  assert.equal(status, 400, JSON.stringify(body));
  assert.equal(body.error.type, "invalid_request_error");
  assert(
    body.error.fusion.members.some(({ reason }: { reason: string }) => reason === "unsupported"),
  );
  assert.deepEqual(gateway.asked, []);
  const single = await gateway.ask({ messages: withImage, fusion: { route: "single" } });
  assert.equal(single.status, 400);
});

const OTHER_PARTS = [
  ["input_audio", { type: "input_audio", input_audio: { data: "AA==", format: "wav" } }],
  ["file", {
    type: "file",
    file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" },
  }],
] as const;

for (const [type, other] of OTHER_PARTS) {
  Deno.test(`${type} parts reach whoever takes them, and a member that does not is skipped`, async () => {
    const error = { message: `Invalid content type: '${type}' is not supported by this model.` };
    const has = (body: { messages: { content: { type: string }[] }[] }) =>
      JSON.stringify(body.messages).includes(`"type":"${type}"`);
    await using gateway = await ServedGateway.start({
      script: ({ model, body }) =>
        (model === "b" || model === "synth") && has(body)
          ? { status: 400, body: JSON.stringify({ error }) }
          : undefined,
    });
    const messages = [{
      role: "user",
      content: [{ type: "text", text: "What is the capital of France?" }, other],
    }];
    const { status, body } = await gateway.ask({ messages, fusion: { trace: true } });
    assert.equal(status, 200, JSON.stringify(body));
    const statuses = body.fusion.panel.map((each: { status: string }) => each.status);
    assert.deepEqual(statuses, ["answered", "unsupported", "answered"]);
    assert.deepEqual(gateway.bodies("a")[0].messages[0].content[1], other);
    assert.deepEqual(gateway.bodies("judge")[0].messages[0].content[1], other);
    assert.match(
      JSON.stringify(gateway.bodies("synth").at(-1).messages),
      new RegExp(`\\[${type}: not shown\\]`),
    );
    assert((await gateway.stream({ messages })).done);
  });
}

Deno.test("refusal parts of earlier turns stay, as text for a model that does not know them", async () => {
  const error = { message: "messages.1.content: unknown part type 'refusal'" };
  await using gateway = await ServedGateway.start({
    script: ({ model, body }) =>
      model === "b" && JSON.stringify(body.messages).includes('"type":"refusal"')
        ? { status: 400, body: JSON.stringify({ error }) }
        : undefined,
  });
  const refused = { type: "refusal", refusal: "I cannot help with that." };
  const messages = [
    { role: "user", content: "Open the door." },
    { role: "assistant", content: [refused] },
    { role: "user", content: "What is the capital of France?" },
  ];
  const { body } = await gateway.ask({ messages, fusion: { trace: true } });
  assert.deepEqual(body.fusion.panel.map((each: { status: string }) => each.status), [
    "answered",
    "answered",
    "answered",
  ]);
  assert.deepEqual(gateway.bodies("a")[0].messages[1].content[0], refused);
  assert.equal(gateway.bodies("b").at(-1).messages[1].content, "I cannot help with that.");
});

Deno.test("an operator is told what has been learned, so that the configuration can say it", async () => {
  await using gateway = await ServedGateway.start({ models: [{ name: "a", refuses: ["system"] }] });
  for (let round = 0; round < 2; round++) await gateway.ask({ messages: chat });
  const told = gateway.lines.filter((line) => line.includes("quirk learned"));
  assert.equal(told.length, 1, told.join("\n"));
  assert.match(told[0]!, /model=default::a quirk=no_system/);
});
