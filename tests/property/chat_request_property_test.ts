import assert from "node:assert/strict";
import fc from "fast-check";
import { readChatRequest } from "../../src/gate/read_chat_request.ts";
import { readJsonObject } from "../../src/gate/read_json_object.ts";
import { Refused } from "../../src/gate/refusal.ts";

const utf8 = new TextEncoder();

/** Reads, and lets nothing but a refusal out. */
function verdict(bytes: Uint8Array): "accepted" | "refused" {
  try {
    readChatRequest(readJsonObject(bytes));
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof Refused && error.refusal.type === "invalid_request", `${error}`);
    assert.ok(error.refusal.message.length < 1_000);
    return "refused";
  }
}

Deno.test("readChatRequest() refuses any bytes that are no request, and throws nothing else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    assert.equal(verdict(bytes), "refused");
  }));
});

Deno.test("readChatRequest() has a verdict on any JSON in any place", () => {
  const place = fc.constantFrom(
    "model",
    "messages",
    "stream",
    "stream_options",
    "temperature",
    "n",
    "stop",
    "tools",
    "fusion",
    "__proto__",
    "constructor",
    "toString",
  );
  fc.assert(
    fc.property(place, fc.jsonValue({ maxDepth: 6 }), (key, value) => {
      const valid = { model: "fusion/x", messages: [{ role: "user", content: "Hi" }] };
      const body = JSON.stringify({ ...valid, [key]: value });
      verdict(utf8.encode(body));
      const message = { role: "user", content: "Hi", [key]: value };
      verdict(utf8.encode(JSON.stringify({ ...valid, messages: [message] })));
      verdict(
        utf8.encode(JSON.stringify({ ...valid, messages: [{ role: "user", content: value }] })),
      );
    }),
    { numRuns: 500 },
  );
});

Deno.test("readChatRequest() keeps an accepted request as it was, but for its __proto__ keys", () => {
  const withoutPrototypes = (text: string) =>
    JSON.parse(text, (key, value) => key === "__proto__" ? undefined : value);
  const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString"));
  const extra = fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue())));
  fc.assert(
    fc.property(extra, (extra) => {
      const text = JSON.stringify({
        ...extra,
        model: "fusion/x",
        messages: [{ role: "user", content: [{ type: "image_url", image_url: extra }] }],
      });
      let read: unknown;
      try {
        read = readChatRequest(readJsonObject(utf8.encode(text)));
      } catch (error) {
        assert.ok(error instanceof Refused);
        return;
      }
      assert.deepEqual(read, withoutPrototypes(text));
    }),
  );
});
