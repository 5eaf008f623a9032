import assert from "node:assert/strict";
import type { Message } from "../../../src/openai/chat_request.ts";
import { toolsDescription } from "../../../src/openai/tool_description.ts";
import { hasToolTurns, withoutToolTurns } from "../../../src/openai/tool_turns.ts";

const call = (id: string, name: string, args: string) => ({
  id,
  type: "function",
  function: { name, arguments: args },
});

const loop: Message[] = [
  { role: "user", content: "Weather in Rome and Oslo?" },
  {
    role: "assistant",
    content: null,
    tool_calls: [call("1", "weather", '{"city":"Rome"}'), call("2", "weather", '{"city":"Oslo"}')],
  },
  { role: "tool", tool_call_id: "2", content: "rain" },
  { role: "tool", tool_call_id: "1", content: [{ type: "text", text: "sun" }] },
  { role: "assistant", content: "Sun and rain." },
];

Deno.test("withoutToolTurns() tells calls and results as text, in turns that alternate", () => {
  assert.deepEqual(withoutToolTurns(loop), [
    loop[0],
    {
      role: "assistant",
      content: '[Called weather({"city":"Rome"})]\n[Called weather({"city":"Oslo"})]',
    },
    { role: "user", content: "[Result of weather]\nrain\n\n[Result of weather]\nsun" },
    loop[4],
  ]);
});

Deno.test("withoutToolTurns() tells legacy functions and custom tools alike", () => {
  const legacy: Message[] = [
    { role: "assistant", content: "Looking.", function_call: { name: "look", arguments: "{}" } },
    { role: "function", name: "look", content: "found" },
    { role: "assistant", tool_calls: [{ id: "c", custom: { name: "shell", input: "ls" } }] },
    { role: "tool", tool_call_id: "c", content: "" },
  ];
  assert.deepEqual(withoutToolTurns(legacy), [
    { role: "assistant", content: "Looking.\n[Called look({})]" },
    { role: "user", content: "[Result of look]\nfound" },
    { role: "assistant", content: "[Called shell(ls)]" },
    { role: "user", content: "[Result of shell]\n" },
  ]);
});

Deno.test("hasToolTurns() finds calls and results, not empty lists", () => {
  assert(hasToolTurns(loop.slice(1, 2)));
  assert(hasToolTurns(loop.slice(2, 3)));
  assert(!hasToolTurns([loop[0]!, { role: "assistant", content: "x", tool_calls: [] }]));
});

Deno.test("toolsDescription() names each tool, what it is for and what it takes", () => {
  const text = toolsDescription({
    tools: [
      {
        type: "function",
        function: {
          name: "weather",
          description: "Current\n  weather",
          parameters: { type: "object", properties: { city: { type: "string" } } },
        },
      },
      { type: "custom", custom: { name: "shell", description: "Runs a command" } },
    ],
    functions: [{ name: "look" }],
  });
  assert.match(text!, /^- weather: Current weather Parameters: .*"city"/m);
  assert.match(text!, /^- shell: Runs a command$/m);
  assert.match(text!, /^- look$/m);
});

Deno.test("toolsDescription() is null where nothing may be called", () => {
  const tools = [{ type: "function", function: { name: "look" } }];
  assert.equal(toolsDescription({}), null);
  assert.equal(toolsDescription({ tools: [] }), null);
  assert.equal(toolsDescription({ tools, tool_choice: "none" }), null);
  assert.notEqual(toolsDescription({ tools, tool_choice: "auto" }), null);
});

Deno.test("toolsDescription() stays short, however many the tools", () => {
  const tools = Array.from({ length: 1_000 }, (_, at) => ({
    type: "function",
    function: {
      name: `tool_${at}`,
      description: "x".repeat(5_000),
      parameters: { x: "y".repeat(9_000) },
    },
  }));
  const text = toolsDescription({ tools })!;
  assert(text.length < 26_000, `${text.length}`);
  assert.match(text, /\(and \d+ more\)$/);
});

/** What no template and no String() takes: a client may write it anywhere. */
const WORDLESS = { toString: null, valueOf: null };

Deno.test("toolsDescription() takes a name that is no text for none", () => {
  const nameless = { type: "function", function: { name: WORDLESS } };
  const text = toolsDescription({ tools: [nameless], functions: [{ name: WORDLESS }, null] })!;
  assert.match(text, /^- function\n- \(without a name\)\n- \(without a name\)$/m);
});

Deno.test("withoutToolTurns() takes a name that is no text for none", () => {
  const result = { role: "function", name: WORDLESS, content: "rain" } as const;
  assert.deepEqual(withoutToolTurns([result]), [
    { role: "user", content: "[Result of a tool]\nrain" },
  ]);
});
