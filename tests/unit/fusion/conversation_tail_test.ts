import assert from "node:assert/strict";
import { conversationTail } from "../../../src/fusion/conversation_tail.ts";
import { estimateTokens } from "../../../src/fusion/tokens.ts";
import { LONG } from "../../support/panels.ts";

Deno.test("conversationTail() shows what the last message refers to", () => {
  const tail = conversationTail([
    { role: "system", content: "You are a pirate." },
    { role: "user", content: "Why is the sky blue?" },
    { role: "assistant", content: "Rayleigh scattering." },
    { role: "tool", content: "{}" },
    { role: "user", content: [{ type: "text", text: "And in French?" }, { type: "image_url" }] },
  ], 500);
  assert.equal(
    tail,
    "user: Why is the sky blue?\n\nassistant: Rayleigh scattering.\n\nuser: And in French?",
  );
});

Deno.test("conversationTail() keeps within its tokens, the last message first", () => {
  const messages = Array.from({ length: 30 }, (_, at) => ({
    role: at % 2 === 0 ? "user" as const : "assistant" as const,
    content: LONG,
  }));
  const tail = conversationTail([...messages, { role: "user", content: "Shorter, please." }], 600);
  assert.ok(tail.endsWith("user: Shorter, please."));
  assert.ok(estimateTokens(tail) <= 650 && estimateTokens(tail) > 300, `${estimateTokens(tail)}`);
});

Deno.test("conversationTail() of nothing said is empty", () => {
  assert.equal(conversationTail([{ role: "user", content: null }], 100), "");
});
