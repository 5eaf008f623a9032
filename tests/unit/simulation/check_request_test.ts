import assert from "node:assert/strict";
import { checkChatRequest } from "../../../src/simulation/check_request.ts";

const messages = [{ role: "user", content: "x" }];
const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const calling = { role: "assistant", content: null, tool_calls: [call("a"), call("b")] };
const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "1" });

for (
  const [what, body, param] of [
    ["no model", { messages }, "model"],
    ["no messages", { model: "m" }, "messages"],
    ["an unknown role", { model: "m", messages: [{ role: "wizard" }] }, "messages[0].role"],
    ["a wild temperature", { model: "m", messages, temperature: 3 }, "temperature"],
    [
      "stream_options without a stream",
      { model: "m", messages, stream_options: {} },
      "stream_options",
    ],
    ["a result without a call", { model: "m", messages: [result("a")] }, "messages.[0].role"],
    ["a call without its result", { model: "m", messages: [calling, result("a")] }, "messages"],
    ["a late result", { model: "m", messages: [calling, messages[0], result("a")] }, "messages"],
  ] as const
) {
  Deno.test(`checkChatRequest() refuses ${what} and names it`, () => {
    const checked = checkChatRequest(body);
    assert.ok("error" in checked);
    assert.equal(checked.error.param, param);
    assert.equal(checked.error.type, "invalid_request_error");
  });
}

Deno.test("checkChatRequest() accepts a whole tool loop", () => {
  const loop = [...messages, calling, result("b"), result("a"), {
    role: "assistant",
    content: "done",
  }];
  assert.ok("request" in checkChatRequest({ model: "m", messages: loop }));
});
