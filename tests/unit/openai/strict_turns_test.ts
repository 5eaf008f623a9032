import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Message, messageText } from "../../../src/openai/chat_request.ts";
import {
  hasParts,
  withAlternatingRoles,
  withoutDeveloper,
  withoutParts,
  withoutSystem,
} from "../../../src/openai/strict_turns.ts";

const turn = (role: Message["role"], content: Message["content"]): Message => ({ role, content });
const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA" } };
const IMAGES = new Set(["image_url"]);

Deno.test("withAlternatingRoles() merges neighbours of one role, our trailing turn included", () => {
  const turns = withAlternatingRoles([
    turn("system", "Be brief."),
    turn("system", "Be kind."),
    turn("user", "One"),
    turn("user", "Two"),
    turn("assistant", "Three"),
    turn("user", [{ type: "text", text: "Four" }, image]),
    turn("user", "Five"),
  ]);
  assert.deepEqual(turns, [
    turn("system", "Be brief.\n\nBe kind."),
    turn("user", "One\n\nTwo"),
    turn("assistant", "Three"),
    turn("user", [{ type: "text", text: "Four" }, image, { type: "text", text: "Five" }]),
  ]);
});

Deno.test("withAlternatingRoles() gives a later system turn to the user and lets the user begin", () => {
  assert.deepEqual(
    withAlternatingRoles([turn("assistant", "Hello"), turn("user", "Hi"), turn("system", "Rule")]),
    [
      turn("user", "(The assistant begins.)"),
      turn("assistant", "Hello"),
      turn("user", "Hi\n\nRule"),
    ],
  );
});

Deno.test("withAlternatingRoles() keeps a call with its results", () => {
  const calling: Message = { role: "assistant", content: null, tool_calls: [{ id: "1" }] };
  const result: Message = { role: "tool", content: "42", tool_call_id: "1" };
  const turns = [turn("user", "Hi"), turn("assistant", "Well"), calling, result, result];
  assert.deepEqual(withAlternatingRoles(turns), [
    turn("user", "Hi"),
    { ...calling, content: "Well" },
    result,
    result,
  ]);
});

Deno.test("withAlternatingRoles() alternates whatever the conversation, and loses no word", () => {
  const roles = ["system", "developer", "user", "assistant"] as const;
  const message = fc.record({
    role: fc.constantFrom(...roles),
    content: fc.string({ minLength: 1 }),
  });
  fc.assert(fc.property(fc.array(message, { minLength: 1 }), (messages) => {
    const turns = withAlternatingRoles(messages);
    const spoken = turns.filter(({ role }, at) =>
      at > 0 || role === "user" || role === "assistant"
    );
    for (const [at, { role }] of spoken.entries()) {
      assert.equal(role, at % 2 === 0 ? "user" : "assistant");
    }
    const text = turns.map(messageText).join("\n\n");
    for (const { content } of messages) assert(text.includes(content));
  }));
});

Deno.test("withoutSystem() makes what opens the conversation part of the first user turn", () => {
  const turns = [
    turn("system", "A"),
    turn("developer", "B"),
    turn("user", "C"),
    turn("system", "D"),
  ];
  assert.deepEqual(withoutSystem(turns), [turn("user", "A\n\nB\n\nC"), turn("user", "D")]);
  assert.deepEqual(withoutSystem([turn("system", "A")]), [turn("user", "A")]);
  assert.deepEqual(withoutSystem([turn("system", "A"), turn("assistant", "B")]), [
    turn("user", "A"),
    turn("assistant", "B"),
  ]);
});

Deno.test("withoutDeveloper() calls a developer the system", () => {
  assert.deepEqual(withoutDeveloper([turn("developer", "A"), turn("user", "B")]), [
    turn("system", "A"),
    turn("user", "B"),
  ]);
});

Deno.test("withoutParts() says what it leaves out, and leaves the rest", () => {
  const file = { type: "file", file: { file_id: "f" } };
  const messages = [
    turn("user", [{ type: "text", text: "Look" }, image]),
    turn("user", [image, file]),
  ];
  assert(hasParts(messages, IMAGES));
  const without = withoutParts(messages, IMAGES);
  assert.deepEqual(without, [
    turn("user", "Look\n[image_url: not shown]"),
    turn("user", [{ type: "text", text: "[image_url: not shown]" }, file]),
  ]);
  assert(!hasParts(without, IMAGES));
});

Deno.test("withoutParts() keeps what a refusal said", () => {
  const refused = turn("assistant", [{ type: "refusal", refusal: "I cannot." }]);
  assert.deepEqual(withoutParts([refused], new Set(["refusal"])), [turn("assistant", "I cannot.")]);
});
