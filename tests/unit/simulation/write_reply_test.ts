import assert from "node:assert/strict";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import type { Behaviour } from "../../../src/simulation/behaviour.ts";
import { seededRng } from "../../../src/simulation/rng.ts";
import { type ModelSettings, resolveModel } from "../../../src/simulation/simulated_model.ts";
import { recognizeStage } from "../../../src/simulation/stage.ts";
import { writeChoice } from "../../../src/simulation/write_reply.ts";

function write(
  extra: Partial<ChatRequest> = {},
  { model, behaviour = {} }: { model?: ModelSettings; behaviour?: Behaviour } = {},
) {
  const request: ChatRequest = {
    model: "m",
    messages: [{ role: "user", content: "Why is the sky blue?" }],
    ...extra,
  };
  return writeChoice(request, {
    model: resolveModel({ name: "m", ...model }),
    stage: recognizeStage(request.messages),
    rng: seededRng(1),
    behaviour,
  });
}

Deno.test("writeChoice() ends at the token limit, and says so", () => {
  for (const limit of [{ max_tokens: 5 }, { max_completion_tokens: 5 }]) {
    const choice = write(limit);
    assert.equal(choice.content?.length, 20);
    assert.equal(choice.finishReason, "length");
  }
  assert.equal(write({ max_tokens: 10_000 }).finishReason, "stop");
});

Deno.test("writeChoice() ends before the first stop that occurs", () => {
  const whole = write().content!;
  const choice = write({ stop: ["never in there", "scatter", whole.slice(-5)] });
  assert.equal(choice.content, whole.slice(0, whole.indexOf("scatter")));
  assert.equal(choice.finishReason, "stop");
  assert.equal(write({ stop: "scatter" }).content, choice.content);
  assert.equal(write({ stop: "" }).content, whole);
});

Deno.test("writeChoice() writes the JSON that response_format asks for", () => {
  assert.ok("answer" in JSON.parse(write({ response_format: { type: "json_object" } }).content!));
  const schema = {
    type: "object",
    properties: { why: { type: "string" }, sure: { type: "boolean" } },
  };
  const response_format = { type: "json_schema", json_schema: { name: "a", schema } };
  const value = JSON.parse(write({ response_format }).content!);
  assert.deepEqual(Object.keys(value), ["why", "sure"]);
  assert.match(value.why, /Rayleigh/);
});

Deno.test("writeChoice() gives a load-test model's answers their exact size", () => {
  const choice = write({}, { model: { answerBytes: 1_024 } });
  assert.equal(new TextEncoder().encode(choice.content!).length, 1_024);
});

Deno.test("writeChoice() thinks before it speaks where the model reasons", () => {
  assert.notEqual(write({}, { model: { reasoning: true } }).reasoning, "");
  assert.equal(write().reasoning, "");
});

Deno.test("writeChoice() says what a script wants said", () => {
  const toolCalls = [{ id: "c", name: "f", arguments: "{}" }];
  assert.equal(write({}, { behaviour: { answer: "scripted" } }).content, "scripted");
  assert.equal(write({}, { behaviour: { answer: null } }).content, null);
  const called = write({}, { behaviour: { toolCalls } });
  assert.deepEqual([called.toolCalls, called.finishReason], [toolCalls, "tool_calls"]);
  const finish = write({}, { behaviour: { finishReason: "content_filter" } });
  assert.equal(finish.finishReason, "content_filter");
});
