/**
 * Structured output through the whole gateway: who is asked for the form, what is checked, what is
 * mended, and what the client is told when it cannot be.
 */
import assert from "node:assert/strict";
import type { Script } from "../../src/simulation/behaviour.ts";
import { ServedGateway } from "../support/served_gateway.ts";

const schema = {
  type: "object",
  properties: { city: { type: "string" }, population: { type: "integer" } },
  required: ["city", "population"],
  additionalProperties: false,
};
const asSchema = {
  response_format: { type: "json_schema", json_schema: { name: "city", strict: true, schema } },
};
const asObject = { response_format: { type: "json_object" } };
const GOOD = '{"city":"Paris","population":2100000}';
const BAD = '{"city":"Paris","population":"secret words"}';
const single = { fusion: { route: "single" } };

/** What the synthesizer and the single model answer, one after the other; the last again. */
function writes(...answers: string[]): Script {
  let count = 0;
  return ({ model }) =>
    model === "synth" || model === "solo"
      ? { answer: answers[Math.min(count++, answers.length - 1)]! }
      : undefined;
}

const contentOf = (whole: { body: { choices: { message: { content: string } }[] } }) =>
  whole.body.choices[0]!.message.content;

Deno.test("response_format reaches the final call only, and its answer is what was asked for", async () => {
  await using gateway = await ServedGateway.start();
  const whole = await gateway.ask(asSchema);
  assert.equal(whole.headers.get("x-fusion-outcome"), "fused");
  assert.deepEqual(Object.keys(JSON.parse(contentOf(whole))), ["city", "population"]);
  const streamed = await gateway.stream(asSchema);
  assert(streamed.done);
  assert.deepEqual(Object.keys(JSON.parse(streamed.text)), ["city", "population"]);
  for (const model of ["a", "b", "c"]) {
    assert.equal(gateway.bodies(model)[0].response_format, undefined);
  }
  assert.notEqual(gateway.bodies("judge")[0].response_format.json_schema.name, "city");
  assert.deepEqual(gateway.bodies("synth")[0].response_format, asSchema.response_format);
});

Deno.test("an answer that does not fit is mended once, and both calls are paid for", async () => {
  await using gateway = await ServedGateway.start({ script: writes(BAD, GOOD) });
  const whole = await gateway.ask({ ...asSchema, ...single });
  assert.equal(contentOf(whole), GOOD);
  const [first, second] = gateway.bodies("solo");
  assert.deepEqual(second.messages.slice(0, first.messages.length), first.messages);
  assert.deepEqual(second.messages.at(-2), { role: "assistant", content: BAD });
  assert.match(second.messages.at(-1).content, /population/);
  const { usage } = gateway.upstream.totals;
  assert.equal(whole.body.usage.total_tokens, usage.total_tokens);
});

Deno.test("an answer that does not fit twice is an error that says where, and nothing of the answer", async () => {
  await using gateway = await ServedGateway.start({ script: writes(BAD) });
  for (const route of [single, {}]) {
    const { status, body } = await gateway.ask({ ...asSchema, ...route });
    assert.equal(status, 502);
    assert.equal(body.error.code, "upstream_error");
    assert.match(
      body.error.message,
      /The answer does not match the response_format's schema: it breaks #\/properties\/population\/type/,
    );
    assert.doesNotMatch(JSON.stringify(body), /secret words/);
  }
  assert.equal(gateway.bodies("solo").length, 2);
  assert.equal(gateway.bodies("synth").length, 2);
  assert.doesNotMatch(gateway.lines.join("\n"), /secret words/);
});

Deno.test("a streamed answer that does not fit ends in an error event, not as if it were finished", async () => {
  await using gateway = await ServedGateway.start({ script: writes(BAD) });
  for (const route of [single, {}]) {
    const { text, error, done, finishReasons } = await gateway.stream({ ...asSchema, ...route });
    assert.deepEqual([text, done, finishReasons], [BAD, false, []]);
    assert.equal(error.code, "upstream_error");
    assert.match(error.message, /does not match the response_format's schema/);
  }
});

Deno.test("json_object asks for an object", async () => {
  await using gateway = await ServedGateway.start({
    script: writes("[1]", "no", GOOD, "Paris it is."),
  });
  assert.equal((await gateway.ask({ ...asObject, ...single })).status, 502);
  assert.equal(contentOf(await gateway.ask({ ...asObject, ...single })), GOOD);
  assert.match((await gateway.stream({ ...asObject, ...single })).error.message, /it is not JSON/);
});

Deno.test("an upstream that refuses response_format is asked in words, then checked, streamed and not", async () => {
  const fenced = `\`\`\`json\n${GOOD}\n\`\`\``;
  await using gateway = await ServedGateway.start({
    defaults: { refuses: ["response_format"] },
    script: writes(fenced, fenced, fenced, BAD, GOOD),
  });
  assert.equal(contentOf(await gateway.ask(asSchema)), GOOD);
  const [refused, asked] = gateway.bodies("synth");
  assert.notEqual(refused.response_format, undefined);
  assert.equal(asked.response_format, undefined);
  assert(asked.messages.at(-1).content.includes(JSON.stringify(schema)));
  // Held back until it has been checked: a fence is not passed on, and a fault is mended.
  for (let round = 0; round < 2; round++) {
    const { text, done, finishReasons, error } = await gateway.stream(asSchema);
    assert.deepEqual([text, done, finishReasons], [GOOD, true, ["stop"]], JSON.stringify(error));
  }
});

Deno.test("the first stream of a model that refuses response_format is held back, too", async () => {
  await using gateway = await ServedGateway.start({
    defaults: { refuses: ["response_format"] },
    script: writes("", `<think>Hm.</think>${GOOD}`),
  });
  const { text, done, error } = await gateway.stream({ ...asSchema, ...single });
  assert.deepEqual([text, done], [GOOD, true], JSON.stringify(error));
});

Deno.test("each choice of several is checked and mended for itself", async () => {
  await using gateway = await ServedGateway.start({ script: writes(BAD, GOOD) });
  const { body } = await gateway.ask({ ...asSchema, ...single, n: 2 });
  assert.deepEqual(
    body.choices.map((
      { index, message }: { index: number; message: { content: string } },
    ) => [index, message.content]),
    [[0, GOOD], [1, GOOD]],
  );
  assert.deepEqual(gateway.bodies("solo").map(({ n }) => n), [2, undefined, undefined]);
});

Deno.test("what was cut off, refused or called is passed on unchecked", async () => {
  await using gateway = await ServedGateway.start({
    script: ({ model }) =>
      model === "solo" ? { answer: '{"city":"Pa', finishReason: "length" } : undefined,
  });
  const { body } = await gateway.ask({ ...asSchema, ...single });
  assert.deepEqual([body.choices[0].finish_reason, body.choices[0].message.content], [
    "length",
    '{"city":"Pa',
  ]);
  assert((await gateway.stream({ ...asSchema, ...single })).done);
});

Deno.test("a panel answer does not stand in for an answer in a form, unless it happens to fit", async () => {
  let panelAnswer = "Paris, of course.";
  await using gateway = await ServedGateway.start({
    script: ({ model }) =>
      model === "synth" ? { status: 500 } : model === "judge" ? undefined : { answer: panelAnswer },
  });
  const { status, body } = await gateway.ask(asSchema);
  assert.equal(status, 502);
  assert.match(body.error.message, /Upstream answered 500; .*written without response_format/);
  assert.match((await gateway.stream(asSchema)).error.message, /written without response_format/);
  panelAnswer = GOOD;
  const fitting = await gateway.ask(asSchema);
  assert.equal(fitting.headers.get("x-fusion-outcome"), "best_answer");
  assert.equal(contentOf(fitting), GOOD);
});

Deno.test("an only answer is written anew in the form that is asked for", async () => {
  await using gateway = await ServedGateway.start({ panel: 'members = ["a"]' });
  const plain = await gateway.ask();
  assert.equal(plain.headers.get("x-fusion-outcome"), "best_answer");
  const formed = await gateway.ask(asSchema);
  assert.equal(formed.headers.get("x-fusion-outcome"), "no_judge");
  assert.deepEqual(Object.keys(JSON.parse(contentOf(formed))), ["city", "population"]);
  assert(!gateway.asked.includes("judge"));
});

Deno.test("a schema that is itself at fault is the upstream's to refuse", async () => {
  const error = {
    message: "Invalid schema for response_format 'city': 'nonsense' is not supported",
    type: "invalid_request_error",
    param: "response_format",
    code: null,
  };
  await using gateway = await ServedGateway.start({
    script: ({ model }) =>
      model === "synth" ? { status: 400, body: JSON.stringify({ error }) } : undefined,
  });
  const { status } = await gateway.ask(asSchema);
  assert.equal(status, 400);
  assert.equal(gateway.bodies("synth").length, 1);
});
