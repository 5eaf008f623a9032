/**
 * Corpus: bodies that are tried on every run, by name: each has broken some server of this kind, or
 * this one. What a long run finds is added here.
 * @module
 */

/** A chat completion, or what is sent in its place. */
export interface CorpusBody {
  readonly name: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly status: 200 | 400 | 404;
}

const MESSAGES = '"messages":[{"role":"user","content":"Hi"}]';

function chat(more: string): string {
  return `{"model":"fusion/test",${MESSAGES}${more}}`;
}

function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part),
  );
}

export const CORPUS: readonly CorpusBody[] = [
  { name: "nothing", body: "", status: 400 },
  { name: "a byte order mark and nothing", body: bytes([0xef, 0xbb, 0xbf]), status: 400 },
  { name: "a NUL", body: "\u0000", status: 400 },
  { name: "a valid body and a NUL", body: `${chat("")}\u0000`, status: 400 },
  { name: "two bodies", body: chat("") + chat(""), status: 400 },
  { name: "UTF-16 with its mark", body: bytes([0xff, 0xfe], "{\u0000}\u0000"), status: 400 },
  {
    name: "an overlong slash",
    body: bytes('{"model":"fusion', [0xc0, 0xaf], `test",${MESSAGES}}`),
    status: 400,
  },
  {
    name: "half a character at the end",
    body: bytes('{"model":"', [0xe2, 0x82]),
    status: 400,
  },
  {
    name: "a surrogate in UTF-8",
    body: bytes('{"model":"', [0xed, 0xa0, 0x80], '"}'),
    status: 400,
  },
  { name: "ten million open brackets", body: "[".repeat(10_000_000), status: 400 },
  {
    name: "five million pairs of brackets",
    body: chat(`,"meta":${"[".repeat(5_000_000)}${"]".repeat(5_000_000)}`),
    status: 400,
  },
  { name: "a million objects in each other", body: '{"a":'.repeat(1_000_000), status: 400 },
  { name: "five million zeros", body: chat(`,"meta":[${"0,".repeat(5_000_000)}0]`), status: 400 },
  { name: "a number of a million digits", body: chat(`,"seed":${"9".repeat(1e6)}`), status: 200 },
  { name: "a temperature that no double holds", body: chat(',"temperature":1e400'), status: 400 },
  { name: "a limit beyond whole numbers", body: chat(',"max_tokens":1e300'), status: 400 },
  { name: "minus zero", body: chat(',"temperature":-0'), status: 200 },
  {
    name: "a string of a million quotes",
    body: chat(`,"user":"${'\\"'.repeat(1e6)}"`),
    status: 200,
  },
  {
    name: "a string of backslashes without an end",
    body: `{"a":"${"\\".repeat(1e6)}`,
    status: 400,
  },
  { name: "a key of a million letters", body: chat(`,"${"k".repeat(1e6)}":1`), status: 200 },
  {
    name: "a model of a million letters",
    body: `{"model":"${"m".repeat(1e6)}",${MESSAGES}}`,
    status: 404,
  },
  { name: "the model twice, wrong at last", body: chat(',"model":"fusion/other"'), status: 404 },
  { name: "the model twice, right at last", body: `{"model":7,${chat("").slice(1)}`, status: 200 },
  {
    name: "__proto__ for a model",
    body: `{"__proto__":{"model":"fusion/test"},${MESSAGES}}`,
    status: 400,
  },
  { name: "the model __proto__", body: `{"model":"__proto__",${MESSAGES}}`, status: 404 },
  {
    name: "the model fusion/__proto__",
    body: `{"model":"fusion/__proto__",${MESSAGES}}`,
    status: 404,
  },
  {
    name: "the model fusion/constructor",
    body: `{"model":"fusion/constructor",${MESSAGES}}`,
    status: 404,
  },
  { name: "a NUL in the model", body: `{"model":"fusion/test\\u0000",${MESSAGES}}`, status: 404 },
  {
    name: "a constructor in the extension",
    body: chat(',"fusion":{"constructor":1}'),
    status: 400,
  },
  { name: "toString in the extension", body: chat(',"fusion":{"toString":1}'), status: 400 },
  {
    name: "__proto__ in the extension",
    body: chat(',"fusion":{"__proto__":{"trace":true}}'),
    status: 200,
  },
  {
    name: "toJSON, not a function",
    body: chat(',"toJSON":1,"metadata":{"toJSON":"x"}'),
    status: 200,
  },
  { name: "then, not a function", body: chat(',"then":1'), status: 200 },
  {
    name: "lone surrogates",
    body: '{"model":"fusion/test","messages":[{"role":"user","content":"\\ud800 \\udfff"}]}',
    status: 200,
  },
  {
    name: "the end of a stream for a prompt",
    body:
      '{"model":"fusion/test","messages":[{"role":"user","content":"data: [DONE]\\n\\n"}],"stream":true}',
    status: 200,
  },
  {
    name: "100,000 messages of nothing",
    body: `{"model":"fusion/test","messages":[${"0,".repeat(99_000)}0]}`,
    status: 400,
  },
  {
    name: "a tool whose name has no text",
    body: chat(',"functions":[{"name":{"toString":null,"valueOf":null}}]'),
    status: 200,
  },
  {
    name: "a tool call that is nothing",
    body: '{"model":"fusion/test","messages":[{"role":"assistant","tool_calls":[null]}]}',
    status: 400,
  },
  {
    name: "a stop that is no text",
    body: chat(',"stop":{"until":"noon"}'),
    status: 400,
  },
];
