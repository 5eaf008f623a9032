import assert from "node:assert/strict";
import { readChatRequest } from "../../../src/gate/read_chat_request.ts";
import { readJsonObject } from "../../../src/gate/read_json_object.ts";
import { Refused } from "../../../src/gate/refusal.ts";

const valid = { model: "fusion/default", messages: [{ role: "user", content: "Hi" }] };

function read(text: string) {
  return readChatRequest(readJsonObject(new TextEncoder().encode(text)));
}

function refusal(body: unknown) {
  return refusalOfText(typeof body === "string" ? body : JSON.stringify(body));
}

function refusalOfText(text: string) {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof Refused, `${error}`);
    assert.ok(error.refusal.type === "invalid_request");
    return error.refusal;
  }
  return assert.fail(`was accepted: ${text.slice(0, 100)}`);
}

Deno.test("readChatRequest() passes on what it does not know", () => {
  const request = read(JSON.stringify({ ...valid, logit_bias: { 50256: -100 }, future: [1] }));
  assert.deepEqual(request["logit_bias"], { 50256: -100 });
  assert.deepEqual(request["future"], [1]);
});

Deno.test("readChatRequest() names the parameter at fault as OpenAI does", () => {
  const cases: [change: Record<string, unknown>, param: string, code: string][] = [
    [{ model: undefined }, "model", "missing_required_parameter"],
    [{ model: 7 }, "model", "invalid_value"],
    [{ messages: undefined }, "messages", "missing_required_parameter"],
    [{ messages: [] }, "messages", "invalid_value"],
    [{ messages: "Hi" }, "messages", "invalid_value"],
    [{ messages: [{ content: "Hi" }] }, "messages[0].role", "missing_required_parameter"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content", "invalid_value"],
    [
      { messages: [{ role: "user", content: [{ type: "image_url" }, { type: "text" }] }] },
      "messages[0].content[1]",
      "invalid_value",
    ],
    [{ messages: [{ role: "narrator", content: "x" }] }, "messages[0].role", "invalid_value"],
    [
      { messages: [{ role: "assistant", tool_calls: [null] }] },
      "messages[0].tool_calls[0]",
      "invalid_value",
    ],
    [{ temperature: 3 }, "temperature", "invalid_value"],
    [{ temperature: "hot" }, "temperature", "invalid_value"],
    [{ n: 0 }, "n", "invalid_value"],
    [{ max_tokens: 1.5 }, "max_tokens", "invalid_value"],
    [{ stream: "yes" }, "stream", "invalid_value"],
    [{ stop: [1] }, "stop[0]", "invalid_value"],
    [{ fusion: { xyz: 1 } }, "fusion.xyz", "unknown_parameter"],
    [{ fusion: { deadline_ms: -1 } }, "fusion.deadline_ms", "invalid_value"],
    [{ fusion: { route: "maybe" } }, "fusion.route", "invalid_value"],
    [{ fusion: null }, "fusion", "invalid_value"],
  ];
  for (const [change, param, code] of cases) {
    const found = refusal({ ...valid, ...change });
    assert.equal(found.param, param, JSON.stringify(change));
    assert.equal(found.code, code, JSON.stringify(change));
    assert.match(found.message, new RegExp(RegExp.escape(param)));
  }
});

Deno.test("readChatRequest() refuses what is not a JSON object", () => {
  const bodies = ["", "{", "nonsense", "[]", "null", "7", '"text"', '{"a":1}{', "\u0000", "NaN"];
  for (const body of bodies) assert.equal(refusal(body).param, null, body);
});

Deno.test("readChatRequest() does not repeat a broken body, which may be a prompt", () => {
  assert.doesNotMatch(refusal('{"messages": secret prompt}').message, /secret/);
});

Deno.test("readChatRequest() refuses bytes that are not UTF-8", () => {
  const bytes = new TextEncoder().encode(JSON.stringify(valid));
  bytes[bytes.indexOf("H".charCodeAt(0))] = 0xff;
  assert.throws(() => readChatRequest(readJsonObject(bytes)), Refused);
});

Deno.test("readChatRequest() accepts a byte order mark, lone surrogates and duplicate keys", () => {
  assert.equal(read(`\ufeff${JSON.stringify(valid)}`).model, "fusion/default");
  const odd = read(
    '{"model":"x","model":"fusion/default","messages":[{"role":"user","content":"\\ud800"}]}',
  );
  assert.equal(odd.model, "fusion/default");
  assert.equal(odd.messages[0]!.content, "\ud800");
});

Deno.test("readChatRequest() drops __proto__ keys, at any depth", () => {
  const request = read(
    '{"__proto__":{"bad":1},"model":"fusion/default","messages":[{"role":"user","content":"Hi",' +
      '"__proto__":{"bad":1}}],"meta":{"a":[{"\\u005f_proto__":{"bad":1},"good":2}]}}',
  );
  assert.equal(Object.hasOwn(request, "__proto__"), false);
  assert.equal(Object.hasOwn(request.messages[0]!, "__proto__"), false);
  assert.deepEqual(request["meta"], { a: [{ good: 2 }] });
  assert.equal(({} as Record<string, unknown>)["bad"], undefined);
});

Deno.test("readChatRequest() refuses nesting that would overflow a stack", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const withMeta = (text: string) => `${JSON.stringify(valid).slice(0, -1)},"meta":${text}}`;
  read(withMeta(nested(100)));
  for (const depth of [200, 1_000_000]) {
    assert.match(refusalOfText(withMeta(nested(depth))).message, /nested deeper/);
  }
});

Deno.test("readChatRequest() refuses more values than any request has, before checking each", () => {
  const messages = `[${"1,".repeat(200_000)}1]`;
  const found = refusalOfText(`{"model":"fusion/default","messages":${messages}}`);
  assert.match(found.message, /more than 100000 values/);
});

Deno.test("readChatRequest() cuts the client's own words short in its errors", () => {
  const found = refusal({ ...valid, fusion: { ["k".repeat(10_000)]: 1 } });
  assert.ok(found.message.length < 300);
  assert.ok(found.param!.length < 300);
});
