import assert from "node:assert/strict";
import { agreedCalls, unanimousCalls } from "../../../src/fusion/agreed_calls.ts";
import { callsAnswer } from "../../../src/fusion/calls_answer.ts";
import type { ToolCall } from "../../../src/openai/tool_calls.ts";

const call = (name: string, input = "{}", id?: string): ToolCall => ({
  type: "function",
  name,
  input,
  ...(id === undefined ? {} : { id }),
});
const calling = (...calls: ToolCall[]) => ({ calls });
const names = (calls: readonly ToolCall[]) => calls.map(({ name }) => name);

Deno.test("agreedCalls() takes calls for the same whose arguments are deeply equal", () => {
  const answers = [
    calling(call("f", '{"a":1,"b":{"c":[1,2],"d":null}}')),
    calling(call("f", ' { "b": {"d": null, "c": [1, 2.0]}, "a": 1.0 } ')),
  ];
  assert.deepEqual(agreedCalls(answers, 2), [answers[0]!.calls[0]]);
  const different = ['{"a":1}', '{"a":"1"}', '{"a":[1,2]}', '{"a":[2,1]}', "not json"];
  assert.deepEqual(agreedCalls(different.map((input) => calling(call("f", input))), 2), []);
  assert.deepEqual(names(agreedCalls([calling(call("f", "")), calling(call("f"))], 2)), ["f"]);
});

Deno.test("agreedCalls() counts members, not calls", () => {
  assert.deepEqual(agreedCalls([calling(call("f"), call("f")), calling(call("g")), {}], 2), []);
});

Deno.test("agreedCalls() merges parallel calls that each have their quorum, in order", () => {
  const answers = [
    calling(call("g"), call("f")),
    calling(call("f"), call("h")),
    calling(call("g")),
  ];
  assert.deepEqual(names(agreedCalls(answers, 2)), ["g", "f"]);
  assert.deepEqual(agreedCalls(answers, 3), []);
});

Deno.test("unanimousCalls() waits for nobody once a quorum wants the same calls and no other", () => {
  const both = [call("f"), call("g")];
  assert.deepEqual(
    names(unanimousCalls([calling(...both), {}, calling(...both.toReversed())], 2)),
    [
      "g",
      "f",
    ],
  );
  assert.deepEqual(unanimousCalls([calling(call("f")), calling(...both)], 2), []);
  assert.deepEqual(unanimousCalls([{}, {}], 1), []);
});

const request = {
  model: "m",
  messages: [],
  tools: [{ type: "function", function: { name: "f" } }],
};

Deno.test("callsAnswer() keeps the members' ids where they are apart, and draws the others", () => {
  const calls = [call("f", "{}", "x"), call("g", "{}", "x"), call("h")];
  const { choices: [choice], deltas } = callsAnswer(calls, { request, seed: "s" });
  const { message, finish_reason } = choice!;
  assert.equal(finish_reason, "tool_calls");
  assert.equal(message.content, null);
  const ids = (message.tool_calls as { id: string }[]).map(({ id }) => id);
  assert.equal(ids[0], "x");
  assert.equal(new Set(ids).size, 3);
  for (const id of ids.slice(1)) assert.match(id, /^call_[a-z0-9]{20}$/);
  assert.deepEqual(
    (deltas[0]!.choices[0]!.delta as { tool_calls: { index: number; id: string }[] }).tool_calls
      .map(({ index, id }) => [index, id]),
    ids.map((id, index) => [index, id]),
  );
});

Deno.test("callsAnswer() speaks the legacy form to who asked in it, and calls once where once is asked", () => {
  const legacy = { model: "m", messages: [], functions: [{ name: "f" }] };
  const { choices: [choice] } = callsAnswer([call("f"), call("g")], { request: legacy, seed: "s" });
  assert.deepEqual(choice!.message.function_call, { name: "f", arguments: "{}" });
  assert.equal(choice!.finish_reason, "function_call");
  const single = { ...request, parallel_tool_calls: false };
  const once = callsAnswer([call("f"), call("g")], { request: single, seed: "s" });
  assert.equal((once.choices[0]!.message.tool_calls as unknown[]).length, 1);
});
