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
