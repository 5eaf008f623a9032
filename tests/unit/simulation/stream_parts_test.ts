import assert from "node:assert/strict";
import fc from "fast-check";
import { chunkSchema } from "../../../src/openai/chat_response.ts";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import type { Reply, ReplyChoice } from "../../../src/simulation/reply.ts";
import { streamParts } from "../../../src/simulation/stream_parts.ts";
import { usageOf } from "../../../src/simulation/usage.ts";

const usage = usageOf({ prompt: 3, completion: 2 });

function chunksOf(choices: Partial<ReplyChoice>[], extra: Partial<ChatRequest> = {}) {
  const reply: Reply = {
    id: "chatcmpl-1",
    created: 1,
    model: 'm"\\',
    choices: choices.map((choice) => ({
      reasoning: "",
      content: null,
      toolCalls: [],
      finishReason: "stop",
      ...choice,
    })),
  };
  const parts = streamParts(reply, {
    request: { model: "m", messages: [], stream: true, ...extra },
    usage,
    firstTokenMs: 9,
    writingMs: (tokens) => tokens * 2,
  });
  const texts = parts.map(({ bytes }) => String(bytes));
  assert.equal(texts.pop(), "data: [DONE]\n\n");
  const chunks = texts.map((text) => {
    assert.match(text, /^data: \{[^]*\}\n\n$/);
    const json = JSON.parse(text.slice(6));
    chunkSchema.parse(json);
    return json;
  });
  return { chunks, parts };
}

// deno-lint-ignore no-explicit-any -- a chunk is what the client would see
const deltasOf = (chunks: any[], index = 0): any[] =>
  chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index);

Deno.test("streamParts() streams any content whole, with one role and one finish", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (content) => {
    const { chunks } = chunksOf([{ content }]);
    const deltas = deltasOf(chunks);
    assert.equal(deltas.map(({ delta }) => delta.content ?? "").join(""), content);
    assert.equal(deltas[0].delta.role, "assistant");
    assert.deepEqual(
      deltas.filter(({ finish_reason }) => finish_reason !== null).map((each) =>
        each.finish_reason
      ),
      ["stop"],
    );
  }));
});

Deno.test("streamParts() streams parallel calls under their own index, id and name once", () => {
  const toolCalls = [
    { id: "call_1", name: "f", arguments: '{"city":"São Paulo and more"}' },
    { id: "call_2", name: "g", arguments: "{}" },
  ];
  const { chunks } = chunksOf([{ toolCalls, finishReason: "tool_calls" }]);
  const deltas = deltasOf(chunks).flatMap(({ delta }) => delta.tool_calls ?? []);
  for (const [index, call] of toolCalls.entries()) {
    const own = deltas.filter((delta) => delta.index === index);
    assert.deepEqual(own.flatMap((delta) => delta.id ?? []), [call.id]);
    assert.deepEqual(own.flatMap((delta) => delta.function.name ?? []), [call.name]);
    assert.equal(own.map((delta) => delta.function.arguments).join(""), call.arguments);
  }
  assert.equal(deltasOf(chunks).at(-1).finish_reason, "tool_calls");
});

Deno.test("streamParts() interleaves n choices", () => {
  const { chunks } = chunksOf([{ content: "one two three" }, { content: "four" }]);
  assert.equal(
    deltasOf(chunks, 0).map(({ delta }) => delta.content ?? "").join(""),
    "one two three",
  );
  assert.equal(deltasOf(chunks, 1).map(({ delta }) => delta.content ?? "").join(""), "four");
  assert.deepEqual(chunks.slice(0, 4).map(({ choices }) => choices[0].index), [0, 1, 0, 1]);
});

Deno.test("streamParts() streams reasoning before content", () => {
  const { chunks } = chunksOf([{ reasoning: "let me think", content: "so" }]);
  const kinds = deltasOf(chunks).map(({ delta }) => Object.keys(delta).at(-1));
  assert.deepEqual(kinds.slice(1, -1), [
    "reasoning_content",
    "reasoning_content",
    "reasoning_content",
    "content",
  ]);
});

Deno.test("streamParts() tells usage in a last chunk, and only when asked", () => {
  const asked = chunksOf([{ content: "x" }], { stream_options: { include_usage: true } }).chunks;
  assert.deepEqual(asked.at(-1), { ...asked.at(-1), choices: [], usage });
  assert.ok(asked.slice(0, -1).every((chunk) => chunk.usage === null));
  const silent = chunksOf([{ content: "x" }]).chunks;
  assert.ok(silent.every((chunk) => !("usage" in chunk)));
});

Deno.test("streamParts() waits for the first token first, then for each piece by its tokens", () => {
  const { parts } = chunksOf([{ content: "abcdefgh ij" }]);
  assert.deepEqual(parts.map(({ afterMs }) => afterMs), [9, 4, 2, 0, 0]);
});

Deno.test("streamParts() gives each piece its logprobs when asked", () => {
  const { chunks } = chunksOf([{ content: "ab cd" }], { logprobs: true, top_logprobs: 2 });
  const tokens = deltasOf(chunks).flatMap(({ logprobs }) => logprobs?.content ?? []);
  assert.deepEqual(tokens.map(({ token }) => token), ["ab", " cd"]);
  assert.ok(tokens.every(({ logprob, top_logprobs }) => logprob <= 0 && top_logprobs.length === 2));
});
