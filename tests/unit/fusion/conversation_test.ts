import assert from "node:assert/strict";
import fc from "fast-check";
import { appendTurns, conversationText, prependSystem } from "../../../src/fusion/conversation.ts";
import type { Message } from "../../../src/openai/chat_request.ts";

const messages = fc.array(
  fc.record({
    role: fc.constantFrom<Message["role"][]>("system", "user", "assistant", "tool"),
    content: fc.oneof(fc.string({ unit: "binary" }), fc.constant(null)),
    tool_call_id: fc.string(),
  }, { noNullPrototype: true }),
  { minLength: 1 },
);
const texts = fc.string({ unit: "binary" });

Deno.test("appendTurns() and prependSystem() leave every message as it was, whatever it holds", () => {
  fc.assert(fc.property(messages, texts, texts, (own, system, last) => {
    const turn = { role: "user", content: last } as const;
    const text = prependSystem(appendTurns(conversationText(own), [turn]), system);
    assert.deepEqual(JSON.parse(text), [{ role: "system", content: system }, ...own, turn]);
  }));
});

Deno.test("appendTurns() appends several turns in their order", () => {
  const text = appendTurns('[{"role":"user","content":"?"}]', [
    { role: "assistant", content: "!" },
    { role: "user", content: "??" },
  ]);
  assert.deepEqual(JSON.parse(text).map(({ content }: { content: string }) => content), [
    "?",
    "!",
    "??",
  ]);
});
