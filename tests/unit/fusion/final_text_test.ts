import assert from "node:assert/strict";
import fc from "fast-check";
import { asFinalText } from "../../../src/fusion/final_text.ts";
import { estimateTokens } from "../../../src/fusion/tokens.ts";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";

const REQUEST: ChatRequest = { model: "fusion/x", messages: [{ role: "user", content: "?" }] };
const LONG = "A sentence of a few words. ".repeat(40);

Deno.test("asFinalText() leaves an answer alone where the caller set no limit", () => {
  assert.deepEqual(asFinalText(LONG, REQUEST), { text: LONG, finishReason: "stop" });
  const nulls = { ...REQUEST, stop: null, max_tokens: null };
  assert.deepEqual(asFinalText(LONG, nulls), { text: LONG, finishReason: "stop" });
});

Deno.test("asFinalText() ends before the first of the caller's stop sequences", () => {
  const cut = (stop: string | string[]) => asFinalText("one two three", { ...REQUEST, stop });
  assert.deepEqual(cut(" two"), { text: "one", finishReason: "stop" });
  assert.equal(cut(["three", " two"]).text, "one");
  assert.equal(cut("four").text, "one two three");
  assert.equal(cut("").text, "one two three", "an empty sequence stops nothing");
});

Deno.test("asFinalText() says length where it cuts at max_tokens or max_completion_tokens", () => {
  for (const name of ["max_tokens", "max_completion_tokens"]) {
    const { text, finishReason } = asFinalText(LONG, { ...REQUEST, [name]: 20 });
    assert.equal(finishReason, "length");
    assert.ok(LONG.startsWith(text) && text.length > 20);
    assert.ok(estimateTokens(text) <= 20);
  }
});

Deno.test("asFinalText() does not cut an answer that is within its limit", () => {
  assert.equal(asFinalText("short", { ...REQUEST, max_tokens: 20 }).finishReason, "stop");
});

Deno.test("asFinalText() never cuts through a code point", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      (answer, limit) => {
        const { text } = asFinalText(answer, { ...REQUEST, max_tokens: limit });
        assert.ok(answer.startsWith(text));
        assert.equal(text.isWellFormed(), answer.isWellFormed());
      },
    ),
  );
});
