import assert from "node:assert/strict";
import fc from "fast-check";
import { type ResponseEvent, ResponseOutput } from "../../../src/openai/response_output.ts";

type Fields = Record<string, unknown>;

/** Streams the deltas; gives the items and the events' types, each item's place behind them. */
function streamed(deltas: Fields[], status: "completed" | "incomplete" = "completed") {
  const output = new ResponseOutput("w");
  const events = deltas.flatMap((delta) => output.take({ index: 0, delta }));
  events.push(...output.end(status));
  const told = events.map(({ type, output_index }) => `${type.slice(9)} ${output_index}`);
  return { items: output.items, events, told };
}

const call = (index: number, args: string, head: Fields = {}) => ({
  tool_calls: [{ index, ...head, function: { arguments: args, ...(head["name"] ? head : {}) } }],
});

Deno.test("ResponseOutput tells of a text from its opening to its end", () => {
  const { items, events, told } = streamed([
    { role: "assistant", content: "" },
    { content: "Hel" },
    {
      content: "lo",
    },
  ]);
  assert.deepEqual(told, [
    "output_item.added 0",
    "content_part.added 0",
    "output_text.delta 0",
    "output_text.delta 0",
    "output_text.done 0",
    "content_part.done 0",
    "output_item.done 0",
  ]);
  const text = { type: "output_text", text: "Hello", annotations: [], logprobs: [] };
  const item = { id: "msg_w_0", type: "message", status: "completed", role: "assistant" };
  assert.deepEqual(items, [{ ...item, content: [text] }]);
  assert.deepEqual(events[0]!["item"], { ...item, status: "in_progress", content: [] });
  assert.deepEqual(events.at(-1)!["item"], items[0]);
});

Deno.test("ResponseOutput gives thoughts, text and calls items of their own, one after the other", () => {
  const { items, told } = streamed([
    { reasoning_content: "Hm" },
    { content: "I look" },
    call(0, '{"a":', { id: "call_1", name: "look" }),
    call(0, "1}"),
    call(1, "{}", { id: "call_2", name: "look" }),
  ]);
  assert.deepEqual(told.filter((each) => /item|delta/.test(each)), [
    "output_item.added 0",
    "reasoning_summary_text.delta 0",
    "output_item.done 0",
    "output_item.added 1",
    "output_text.delta 1",
    "output_item.done 1",
    "output_item.added 2",
    "function_call_arguments.delta 2",
    "function_call_arguments.delta 2",
    "output_item.done 2",
    "output_item.added 3",
    "function_call_arguments.delta 3",
    "output_item.done 3",
  ]);
  assert.deepEqual(items[0], {
    id: "rs_w_0",
    type: "reasoning",
    summary: [{ type: "summary_text", text: "Hm" }],
  });
  assert.deepEqual(items[2], {
    id: "fc_w_2",
    type: "function_call",
    status: "completed",
    call_id: "call_1",
    name: "look",
    arguments: '{"a":1}',
  });
});

Deno.test("ResponseOutput keeps calls apart that are written at once", () => {
  const { items, told } = streamed([
    call(0, '{"a"', { id: "x", name: "f" }),
    call(1, '{"b"', { id: "y", name: "g" }),
    call(0, ":1}"),
    call(1, ":2}"),
  ]);
  assert.deepEqual(items.map((item) => item["arguments"]), ['{"a":1}', '{"b":2}']);
  assert.equal(told.filter((each) => each.startsWith("output_item.done")).length, 2);
});

Deno.test("ResponseOutput names calls whose upstream has not", () => {
  const { items } = streamed([call(0, "{}", { name: "f" }), call(1, "{}", { name: "f" })]);
  assert.deepEqual(items.map((item) => item["call_id"]), ["call_w_0", "call_w_1"]);
});

Deno.test("ResponseOutput gives a refusal a part of its own", () => {
  const { items, told } = streamed([{ content: "Well, " }, { refusal: "no." }]);
  assert.deepEqual(items[0]!["content"], [
    { type: "output_text", text: "Well, ", annotations: [], logprobs: [] },
    { type: "refusal", refusal: "no." },
  ]);
  assert.deepEqual(told.slice(3, 9), [
    "output_text.done 0",
    "content_part.done 0",
    "content_part.added 0",
    "refusal.delta 0",
    "refusal.done 0",
    "content_part.done 0",
  ]);
});

Deno.test("ResponseOutput marks what was cut short", () => {
  const { items } = streamed([{ content: "Hel" }], "incomplete");
  assert.equal(items[0]!["status"], "incomplete");
});

Deno.test("ResponseOutput carries log probabilities with their text", () => {
  const output = new ResponseOutput("w");
  const logprob = { token: "Hi", logprob: -0.1, bytes: [72, 105], top_logprobs: [] };
  const events = output.take({ delta: { content: "Hi" }, logprobs: { content: [logprob] } });
  assert.deepEqual(events.at(-1)!["logprobs"], [logprob]);
  output.end("completed");
  const [part] = output.items[0]!["content"] as Fields[];
  assert.deepEqual(part!["logprobs"], [logprob]);
});

const delta = fc.oneof(
  fc.record({ content: fc.string() }),
  fc.record({ refusal: fc.string() }),
  fc.record({ reasoning_content: fc.string() }),
  fc.record({ reasoning: fc.string() }),
  fc.tuple(fc.nat(2), fc.constantFrom("", "{", "}", '"a":1', "{}")).map(([index, args]) =>
    call(index, args, { id: `c${index}`, name: "f" })
  ),
);

Deno.test("ResponseOutput opens and ends every item once, in order, and its deltas add up", () => {
  fc.assert(fc.property(fc.array(delta, { maxLength: 20 }), (deltas) => {
    const { items, events } = streamed(deltas as Fields[]);
    const of = (type: string) => events.filter((event) => event.type === `response.${type}`);
    assert.deepEqual(
      of("output_item.added").map((event) => event["output_index"]),
      items.map((_, at) => at),
    );
    const done = of("output_item.done");
    assert.equal(done.length, items.length);
    for (const event of done) {
      assert.deepEqual(event["item"], items[event["output_index"] as number]);
    }
    for (const [at, item] of items.entries()) {
      const said = events.filter((event) =>
        event["output_index"] === at && event.type.endsWith(".delta")
      ).map((event) => event["delta"]).join("");
      assert.equal(textOf(item as Fields), said);
      assertWithin(events, at);
    }
  }));
});

function textOf(item: Fields): string {
  if (item["type"] === "function_call") return item["arguments"] as string;
  const parts = (item["content"] ?? item["summary"]) as Fields[];
  return parts.map((part) => part["text"] ?? part["refusal"]).join("");
}

/** Nothing is told of an item before it is added or after it is done. */
function assertWithin(events: readonly ResponseEvent[], at: number): void {
  const own = events.filter((event) => event["output_index"] === at).map(({ type }) => type);
  assert.equal(own.indexOf("response.output_item.added"), 0);
  assert.equal(own.indexOf("response.output_item.done"), own.length - 1);
}

Deno.test("ResponseOutput comes to the same from a whole message as from its deltas", () => {
  const message = {
    role: "assistant",
    reasoning_content: "Hm",
    content: "I look",
    tool_calls: [
      { id: "a", type: "function", function: { name: "f", arguments: '{"a":1}' } },
      { id: "b", type: "function", function: { name: "g", arguments: "{}" } },
    ],
  };
  const whole = new ResponseOutput("w");
  whole.take({ index: 0, message });
  whole.end("completed");
  const { items } = streamed([
    { reasoning_content: "H" },
    { reasoning_content: "m" },
    { content: "I " },
    { content: "look" },
    call(0, '{"a"', { id: "a", name: "f" }),
    call(0, ":1}"),
    call(1, "{}", { id: "b", name: "g" }),
  ]);
  assert.deepEqual(whole.items, items);
});
