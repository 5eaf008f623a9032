import assert from "node:assert/strict";
import type { ChatRequest, Message } from "../../../src/openai/chat_request.ts";
import { refusalOf } from "../../../src/simulation/refusal.ts";
import { type Refusal, resolveModel } from "../../../src/simulation/simulated_model.ts";

const user: Message = { role: "user", content: "x" };
const assistant: Message = { role: "assistant", content: "y" };
const system: Message = { role: "system", content: "s" };

const refused = (refusal: Refusal, extra: Partial<ChatRequest>) =>
  refusalOf(
    { model: "m", messages: [user], ...extra },
    resolveModel({ name: "m", refuses: [refusal] }),
  );

const image: Message = {
  role: "user",
  content: [{ type: "text", text: "see" }, { type: "image_url", image_url: { url: "x" } }],
};
const schema = { type: "json_schema", json_schema: {} };

for (
  const [refusal, extra, param, code] of [
    ["temperature", { temperature: 0.7 }, "temperature", "unsupported_value"],
    ["system", { messages: [system, user] }, "messages[0].role", "unsupported_value"],
    ["stream_options", { stream_options: {} }, "stream_options", "unknown_parameter"],
    ["max_tokens", { max_tokens: 9 }, "max_tokens", "unsupported_parameter"],
    ["image", { messages: [user, image] }, "messages.[1].content.[1].type", null],
    ["tools", { tools: [{ type: "function" }] }, "tools", "unsupported_parameter"],
    ["response_format", { response_format: schema }, "response_format", null],
    ["unknown", { fusion: {} }, "fusion", "unknown_parameter"],
    ["alternation", { messages: [user, user] }, null, 400],
    ["alternation", { messages: [system, assistant, user] }, null, 400],
    ["alternation", { messages: [user, assistant, system, user] }, null, 400],
  ] as const
) {
  Deno.test(`refusalOf() names what a model without ${refusal} refuses in ${JSON.stringify(extra)}`, () => {
    const error = refused(refusal, extra as unknown as Partial<ChatRequest>);
    assert.equal(error?.param, param);
    assert.equal(error?.code, code);
    if (param !== null && !param.startsWith("messages")) {
      assert.ok(error?.message.includes(`'${param}'`), error?.message);
    }
  });
}

for (
  const [refusal, extra] of [
    ["temperature", { temperature: 1 }],
    ["temperature", {}],
    ["max_tokens", { max_completion_tokens: 9 }],
    ["tools", { tools: [] }],
    ["response_format", { response_format: { type: "text" } }],
    ["unknown", { temperature: 0.5, tools: [], prompt_cache_key: "k" }],
    ["alternation", { messages: [system, user, assistant, user] }],
    ["image", { messages: [user] }],
  ] as const
) {
  Deno.test(`refusalOf() lets pass, without ${refusal}: ${JSON.stringify(extra)}`, () => {
    assert.equal(refused(refusal, extra as unknown as Partial<ChatRequest>), null);
  });
}
