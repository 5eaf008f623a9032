import assert from "node:assert/strict";
import { repairedChoice, ToolCallStream } from "../../../src/openai/tool_call_repair.ts";

function ids() {
  let count = 0;
  return { newId: () => `call_${++count}` };
}

type Piece = Record<string, unknown>;

interface Sent {
  readonly index: number;
  readonly id?: string;
  readonly type?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

/** What a client adds the pieces up to. */
function added(pieces: Piece[]) {
  const stream = new ToolCallStream(ids());
  const calls: { id: string; type: string; name: string; args: string }[] = [];
  for (const piece of pieces) {
    const { delta } = stream.repaired({ index: 0, delta: { tool_calls: [piece] } });
    for (
      const { index, id = "", type = "", function: called } of delta.tool_calls as unknown as Sent[]
    ) {
      assert.equal(typeof index, "number");
      const call = calls[index] ??= { id: "", type: "", name: "", args: "" };
      call.id += id;
      call.type += type;
      call.name += called?.name ?? "";
      call.args += called?.arguments ?? "";
    }
  }
  return calls;
}

const call = (id: string, name: string, args: string) => ({ id, type: "function", name, args });

Deno.test("ToolCallStream leaves right pieces as they are", () => {
  const pieces = [
    { index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } },
    { index: 0, function: { arguments: '{"x"' } },
    { index: 1, id: "b", type: "function", function: { name: "g", arguments: "" } },
    { index: 0, function: { arguments: ":1}" } },
    { index: 1, function: { arguments: "{}" } },
  ];
  const stream = new ToolCallStream(ids());
  for (const piece of pieces) {
    const choice = { index: 0, delta: { tool_calls: [piece] }, finish_reason: null };
    assert.deepEqual(stream.repaired(choice), choice);
  }
  assert.deepEqual(added(pieces), [call("a", "f", '{"x":1}'), call("b", "g", "{}")]);
});

Deno.test("ToolCallStream finds the call of a piece without an index", () => {
  assert.deepEqual(
    added([
      { id: "a", type: "function", function: { name: "f", arguments: "" } },
      { function: { arguments: "{}" } },
      { id: "b", type: "function", function: { name: "f", arguments: "[" } },
      { id: "b", function: { arguments: "]" } },
    ]),
    [call("a", "f", "{}"), call("b", "f", "[]")],
  );
  assert.deepEqual(
    added([{ function: { name: "f", arguments: "{}" } }, {
      function: { name: "g", arguments: "{}" },
    }]),
    [call("call_1", "f", "{}"), call("call_2", "g", "{}")],
  );
});

Deno.test("ToolCallStream tells calls apart that all bear index 0", () => {
  assert.deepEqual(
    added([
      { index: 0, id: "a", function: { name: "f", arguments: "{}" } },
      { index: 0, id: "b", function: { name: "g", arguments: "" } },
      { index: 0, function: { arguments: "{}" } },
    ]),
    [call("a", "f", "{}"), call("b", "g", "{}")],
  );
});

Deno.test("ToolCallStream counts from 0, and sends id, type and name once", () => {
  assert.deepEqual(
    added([
      { index: 1, id: "a", type: "function", function: { name: "f", arguments: "{" } },
      { index: 1, id: "a", type: "function", function: { name: "f", arguments: "}" } },
      { index: 2, function: { name: "g", arguments: { x: 1 } } },
    ]),
    [call("a", "f", "{}"), call("call_1", "g", '{"x":1}')],
  );
});

Deno.test("ToolCallStream corrects a finish reason that hides the calls, each choice for itself", () => {
  const stream = new ToolCallStream(ids());
  const end = (index: number, finish_reason: string) =>
    stream.repaired({ index, delta: {}, finish_reason }).finish_reason;
  stream.repaired({ index: 0, delta: { tool_calls: [{ function: { name: "f" } }] } });
  stream.repaired({ index: 1, delta: { content: "Hi" } });
  stream.repaired({ index: 2, delta: { function_call: { name: "f" } } });
  assert.deepEqual([end(0, "stop"), end(1, "stop"), end(2, "stop")], [
    "tool_calls",
    "stop",
    "function_call",
  ]);
  assert.equal(end(0, "length"), "length");
});

Deno.test("repairedChoice() gives calls an id, a type and arguments as text", () => {
  const message = {
    content: null,
    tool_calls: [{ function: { name: "f", arguments: { x: 1 } } }, {
      id: "b",
      custom: { name: "c", input: "i" },
    }],
  };
  const choice = repairedChoice({ index: 0, message, finish_reason: "stop" }, ids());
  assert.deepEqual(choice as unknown, {
    index: 0,
    message: {
      content: null,
      tool_calls: [
        { id: "call_1", type: "function", function: { name: "f", arguments: '{"x":1}' } },
        { id: "b", type: "custom", custom: { name: "c", input: "i" } },
      ],
    },
    finish_reason: "tool_calls",
  });
});

Deno.test("repairedChoice() names the right finish reason and keeps a telling one", () => {
  const reason = (message: object, finish_reason?: string | null) =>
    repairedChoice({ message, finish_reason }, ids()).finish_reason;
  assert.equal(reason({ content: "x" }), "stop");
  assert.equal(reason({ content: "x" }, "length"), "length");
  assert.equal(reason({ function_call: { name: "f" } }, "stop"), "function_call");
  assert.equal(reason({ tool_calls: [] }, "stop"), "stop");
  assert.equal(reason({ tool_calls: [{ function: { name: "f" } }] }, "length"), "length");
});
