/**
 * Hostile requests: what a client may post that no client should. Most are built out of a valid body
 * as JSON text, so that what no object can hold gets in too: keys that are there twice, numbers that
 * no double holds, halves of surrogate pairs; others are bytes that were never JSON.
 * @module
 */
import fc from "fast-check";

export interface HostileRequest {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it says its length: the body is then read another way. */
  readonly saysLength: boolean;
}

/** Stands in every prompt, and so must not be found in an error or in the log. */
export const PROMPT = "canary-5f1e of a prompt";

type Members = readonly (readonly [key: string, json: string])[];

interface Endpoint {
  readonly path: string;
  readonly valid: Members;
  /** Other keys that somebody reads, here or behind. */
  readonly known: readonly string[];
}

const SAMPLING = ["stream", "stream_options", "temperature", "top_p", "n", "stop", "seed", "user"];

export const ENDPOINTS: readonly Endpoint[] = [
  {
    path: "/v1/chat/completions",
    valid: members({
      model: "fusion/test",
      messages: [
        { role: "system", content: PROMPT },
        { role: "user", content: [{ type: "text", text: PROMPT }] },
      ],
    }),
    known: [
      ...SAMPLING,
      ...["max_tokens", "max_completion_tokens", "tools", "tool_choice", "parallel_tool_calls"],
      ...["response_format", "logprobs", "top_logprobs", "logit_bias", "functions", "fusion"],
      ...["metadata", "modalities", "audio", "prediction", "reasoning_effort", "service_tier"],
    ],
  },
  {
    path: "/v1/responses",
    valid: members({ model: "fusion/test", input: [{ role: "user", content: PROMPT }] }),
    known: [
      ...SAMPLING,
      ...["instructions", "store", "previous_response_id", "metadata", "tools", "tool_choice"],
      ...["text", "reasoning", "max_output_tokens", "include", "truncation", "background"],
      ...["conversation", "prompt", "fusion", "messages", "top_logprobs"],
    ],
  },
  {
    path: "/v1/embeddings",
    valid: members({ model: "solo", input: [PROMPT] }),
    known: ["encoding_format", "dimensions", "user"],
  },
  {
    path: "/v1/completions",
    valid: members({ model: "solo", prompt: PROMPT }),
    known: [...SAMPLING, "max_tokens", "best_of", "echo", "suffix", "logprobs"],
  },
];

/** Keys that JavaScript has a meaning for. */
const MAGIC = ["__proto__", "constructor", "prototype", "toString", "toJSON", "then", "length", ""];

/** JSON values, each the favourite mistake of some reader. */
const ODD = [
  ...["null", "true", "0", "-0", "-1", "1.5", "1e400", "-1e400", "5e-324", "9007199254740993"],
  ...["1" + "0".repeat(400), "0." + "3".repeat(400), '""', '" "', '"\\ud800"', '"\\udfff\\ud800"'],
  ...['"\\u0000"', '"data: [DONE]\\n\\n"', "[]", "{}", "[[]]", "[null]", "[{}]", '{"a":1,"a":2}'],
  ...['{"__proto__":{"admin":true}}', '{"type":"text"}', '{"toString":null,"valueOf":null}'],
  ...['{"constructor":{"prototype":{"admin":true}}}', '{"length":4294967295}', '{"then":1}'],
  ...['{"toJSON":1}', '{"type":"function","function":5}', '[{"type":"function"}]'],
  ...['{"trace":true}', '{"trace":1}', '{"deadline_ms":0}', '{"deadline_ms":1e308}'],
  ...['{"route":"fuse","__proto__":{}}', '{"type":"json_schema","json_schema":null}'],
];

/** What only looks like JSON. */
const BROKEN = [
  ...["NaN", "Infinity", "01", "+1", ".5", "1.", "0x10", "undefined", "''", '"', '"\\x41"', '"\n"'],
  ...["[,]", "[1,]", "{,}", '{"a":1,}', "{a:1}", '{"a"}', "[}", "//", "/**/1", "\u00a0"],
];

/** Good members, so that bad ones are met on every way through the house. */
const PLAUSIBLE: Members = [
  ...members({ stream: true, store: true, user: "u", seed: 7, n: 2, top_p: 0.5, max_tokens: 9 }),
  ...members({ fusion: { trace: true, route: "single" }, stream_options: { include_usage: true } }),
  ...members({
    response_format: {
      type: "json_schema",
      json_schema: { name: "n", schema: { $ref: "#", properties: { a: { pattern: "(a+)+$" } } } },
    },
    tools: [{ type: "function", name: "n", function: { name: "n", parameters: {} } }],
    tool_choice: { type: "function", name: "n", function: { name: "n" } },
    text: { format: { type: "json_schema", name: "n", schema: { type: ["null", 5] } } },
    messages: [
      { role: "user", content: PROMPT },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "n", arguments: "{" } }],
      },
      { role: "tool", tool_call_id: "c", content: PROMPT },
    ],
    input: [
      { type: "function_call", call_id: "c", name: "n", arguments: "{" },
      { type: "function_call_output", call_id: "c", output: PROMPT },
    ],
  }),
];

function members(body: Readonly<Record<string, unknown>>): Members {
  return Object.entries(body).map(([key, value]) => [key, JSON.stringify(value)] as const);
}

const nested = fc.record({
  opening: fc.constantFrom("[", '{"a":', '[{"a":', '{"messages":['),
  depth: fc.nat(150),
  closed: fc.constantFrom(true, true, true, false),
}).map(({ opening, depth, closed }) => {
  const closing = [...opening].reverse().map((sign) => ({ "[": "]", "{": "}" })[sign] ?? "");
  return opening.repeat(depth) + "0" + (closed ? closing.join("").repeat(depth) : "");
});

const large = fc.record({
  piece: fc.constantFrom('"', "a", "\\u0000", "\\ud800", "é", "0,", "[],", '{"a":1},', "1", " "),
  times: fc.nat(3_000),
}).map(({ piece, times }) => {
  const text = piece.repeat(times);
  return /[,\d]$/.test(piece) ? `[${text}0]` : `"${text.replaceAll('"', '\\"')}"`;
});

const value = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.stringify(json)) },
  { weight: 2, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: large },
);

/** Wraps a value into what a known key holds, so that it is met deep inside. */
const within = fc.constantFrom(
  (json: string) => json,
  (json: string) => `[${json}]`,
  (json: string) => `[{"role":${json},"content":"x"}]`,
  (json: string) => `[{"role":"user","content":${json}}]`,
  (json: string) => `[{"role":"user","content":[{"type":"text","text":${json}}]}]`,
  (json: string) => `[{"role":"user","content":[{"type":${json}},{"type":"image_url"}]}]`,
  (json: string) => `[{"role":"assistant","content":null,"tool_calls":${json}}]`,
  (json: string) => `[{"role":"assistant","tool_calls":[{"id":"c","function":${json}}]}]`,
  (json: string) => `[{"role":"tool","tool_call_id":${json},"content":"x"}]`,
  (json: string) => `[{"role":"user","content":"x","__proto__":${json}}]`,
  (json: string) => `[{"type":${json},"call_id":"c","name":"n","arguments":"{"}]`,
  (json: string) => `[{"type":"function_call","call_id":${json},"name":"n","arguments":"{"}]`,
  (json: string) => `[{"type":"function","name":"n","function":{"name":${json}}}]`,
  (json: string) => `[{"type":"function","name":"n","function":{"name":"n","parameters":${json}}}]`,
  (json: string) => `{"type":"json_schema","name":"n","json_schema":{"name":"n","schema":${json}}}`,
  (json: string) => `{"format":{"type":"json_schema","name":"n","schema":${json}}}`,
  (json: string) => `{"include_usage":${json},"trace":${json},"deadline_ms":${json}}`,
);

function text(all: Members): string {
  return `{${all.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}

/** A valid body with members changed, added or there twice, some of them bad. */
function changed({ valid, known }: Endpoint): fc.Arbitrary<string> {
  const names = [...valid.map(([key]) => key), ...known];
  const key = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...valid.map(([key]) => key)) },
    { weight: 8, arbitrary: fc.constantFrom(...names) },
    { weight: 2, arbitrary: fc.constantFrom(...MAGIC) },
    { weight: 1, arbitrary: fc.string() },
  );
  const bad = fc.record({ key, within, value }).map(({ key, within, value }) =>
    [key, within(value)] as const
  );
  const added = fc.tuple(
    fc.subarray([...PLAUSIBLE], { maxLength: 3 }),
    fc.array(bad, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("in their place", "as well"),
  );
  return added.map(([plausible, bad, how]) => {
    const more = [...plausible, ...bad];
    const kept = how === "as well"
      ? valid
      : valid.filter(([key]) => more.every(([other]) => other !== key));
    return text([...kept, ...more]);
  });
}

/** Cuts, doubles, overwrites and inserts bytes here and there. */
function mutated(bodies: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const wound = fc.record({
    kind: fc.constantFrom("cut", "end", "double", "overwrite", "insert"),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 20 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  });
  return fc.tuple(bodies, fc.array(wound, { minLength: 1, maxLength: 3 })).map(
    ([whole, wounds]) =>
      wounds.reduce((bytes, { kind, at, length, bytes: other }) => {
        const from = Math.floor(at * bytes.length);
        const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
        switch (kind) {
          case "cut":
            return joined(before, after.subarray(length));
          case "end":
            return before;
          case "double":
            return joined(before, after.subarray(0, length), after);
          case "overwrite":
            return joined(before, other, after.subarray(other.length));
          default:
            return joined(before, other, after);
        }
      }, whole),
  );
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const utf8 = new TextEncoder();

function utf16(text: string): Uint8Array {
  const units = [...text].flatMap((sign) => sign.charCodeAt(0));
  return new Uint8Array(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
}

function hostileBody(endpoint: Endpoint): fc.Arbitrary<Uint8Array> {
  const valid = fc.constant(utf8.encode(text(endpoint.valid)));
  const change = changed(endpoint).map((text) => utf8.encode(text));
  return fc.oneof(
    { weight: 8, arbitrary: change },
    { weight: 3, arbitrary: mutated(valid) },
    { weight: 2, arbitrary: mutated(change) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
    { weight: 1, arbitrary: value.map((text) => utf8.encode(text)) },
    { weight: 1, arbitrary: valid.map((bytes) => utf16(new TextDecoder().decode(bytes))) },
  );
}

/** Mostly chat completions. Printed as text, where one fails. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(
  ...ENDPOINTS.map((endpoint, index) => ({
    weight: index === 0 ? 6 : 2,
    arbitrary: fc.tuple(hostileBody(endpoint), fc.boolean()).map(([body, saysLength]) => ({
      path: endpoint.path,
      bytes: new Uint8Array(body),
      saysLength,
      [fc.toStringMethod]: () =>
        `${endpoint.path} ${JSON.stringify(new TextDecoder().decode(body))}`,
    })),
  })),
);
