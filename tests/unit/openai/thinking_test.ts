import assert from "node:assert/strict";
import { withoutThinking } from "../../../src/openai/thinking.ts";

Deno.test("withoutThinking() leaves the answer behind what it opens with", () => {
  assert.equal(withoutThinking("<think>\nHm.\n</think>\n\nParis."), "Paris.");
  assert.equal(withoutThinking("\n<thinking>Hm.</thinking>Paris."), "Paris.");
  assert.equal(withoutThinking("Hm, so it is\n</think>\n\nParis."), "Paris.");
});

Deno.test("withoutThinking() leaves nothing of thinking that never ended", () => {
  assert.equal(withoutThinking("<think>Hm, Paris. Or"), "");
});

Deno.test("withoutThinking() leaves an answer alone that only speaks of the tags", () => {
  for (
    const text of [
      "Paris.",
      "Models write <think> first and </think> last.",
      "The tag <think> opens:\n<think>\nx\n</think>\nclosed.",
      "It ends with </think> there.",
      "",
    ]
  ) assert.equal(withoutThinking(text), text);
});
