import assert from "node:assert/strict";
import { asDeltas } from "../../../src/fusion/choice_deltas.ts";

Deno.test("asDeltas() says what each choice says, then why it ended", () => {
  const message = (content: string) => ({ role: "assistant", content, refusal: null });
  assert.deepEqual(
    asDeltas([
      { index: 0, message: message("A"), finish_reason: "stop", logprobs: { content: [] } },
      { index: 1, message: message("B"), finish_reason: "length" },
    ]),
    [
      {
        choices: [
          { index: 0, delta: { content: "A" }, logprobs: { content: [] }, finish_reason: null },
          { index: 1, delta: { content: "B" }, logprobs: null, finish_reason: null },
        ],
      },
      {
        choices: [
          { index: 0, delta: {}, finish_reason: "stop" },
          { index: 1, delta: {}, finish_reason: "length" },
        ],
      },
    ],
  );
});

Deno.test("asDeltas() gives each tool call its place", () => {
  const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
  const message = { role: "assistant", content: null, tool_calls: [call("x"), call("y")] };
  const [said] = asDeltas([{ index: 0, message, finish_reason: "tool_calls" }]);
  assert.deepEqual(said!.choices[0]!.delta, {
    tool_calls: [{ index: 0, ...call("x") }, { index: 1, ...call("y") }],
  });
});
