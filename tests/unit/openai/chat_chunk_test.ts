import assert from "node:assert/strict";
import { ChunkWriter } from "../../../src/openai/chat_chunk.ts";
import { usageBody } from "../../../src/openai/usage_body.ts";
import { usage } from "../../support/scripted_run.ts";

const head = { id: "chatcmpl-1", created: 1_800_000_000, model: "fusion/x", includeUsage: false };
const plain = new ChunkWriter(head);
const shared = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_800_000_000,
  model: "fusion/x",
};

Deno.test("ChunkWriter writes a whole chunk for what a delta says", () => {
  assert.deepEqual(
    JSON.parse(plain.delta([{ index: 0, delta: { content: 'a "b"\n' }, finish_reason: null }])),
    {
      ...shared,
      choices: [{ index: 0, delta: { content: 'a "b"\n' }, logprobs: null, finish_reason: null }],
    },
  );
});

Deno.test("ChunkWriter leaves out role and finish_reason and keeps the rest", () => {
  const [choice] = JSON.parse(plain.delta([{
    index: 1,
    delta: { role: "assistant", content: "x", reasoning_content: "y" },
    logprobs: { content: [] },
    finish_reason: "length",
    content_filter_results: { hate: false },
  }])).choices;
  assert.deepEqual(choice, {
    index: 1,
    delta: { content: "x", reasoning_content: "y" },
    logprobs: { content: [] },
    content_filter_results: { hate: false },
    finish_reason: null,
  });
});

Deno.test("ChunkWriter writes nothing for a delta that says nothing", () => {
  const nothings = [
    [],
    [{}],
    [{ index: 0, delta: {} }],
    [{ index: 0, delta: null, finish_reason: "stop" }],
    [{ index: 0, delta: { role: "assistant", content: "" } }],
    [{ index: 0, delta: { content: null, refusal: null }, logprobs: null }],
  ];
  for (const choices of nothings) assert.equal(plain.delta(choices), "");
});

Deno.test("ChunkWriter keeps only the choices that say something", () => {
  const { choices } = JSON.parse(plain.delta([
    { index: 0, delta: {} },
    { index: 1, delta: { content: "b" } },
    { index: 2, delta: { tool_calls: [{ index: 0 }] } },
  ]));
  assert.deepEqual(choices.map(({ index }: { index: number }) => index), [1, 2]);
});

Deno.test("ChunkWriter gives every chunk a null usage where usage was asked for", () => {
  const counting = new ChunkWriter({ ...head, includeUsage: true });
  const chunks = [
    counting.role(0),
    counting.empty(),
    counting.delta([{ delta: { content: "x" } }]),
    counting.finish(0, "stop"),
  ];
  for (const chunk of chunks) assert.equal(JSON.parse(chunk).usage, null);
  const last = JSON.parse(counting.usage(usageBody(usage(3, 4))));
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.total_tokens, 7);
  for (const chunk of [plain.role(0), plain.finish(0, "stop")]) {
    assert.equal("usage" in JSON.parse(chunk), false);
  }
});

Deno.test("ChunkWriter puts the trace on the chunk it is given for, and nowhere else", () => {
  assert.deepEqual(JSON.parse(plain.finish(0, "stop", { route: "fuse" })), {
    ...shared,
    choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }],
    fusion: { route: "fuse" },
  });
  assert.equal("fusion" in JSON.parse(plain.finish(0, "stop")), false);
});
