/**
 * Well answered: what must hold of every answer, whatever was asked: accepted and answered whole, or
 * refused with a 4xx in OpenAI's shape; never a 5xx, and no prompt in an error.
 * @module
 */
import assert from "node:assert/strict";
import { type HostileRequest, PROMPT } from "./hostile_requests.ts";

export type Verdict = "accepted" | "refused";

/** An error repeats what the client wrote, cut short, and no more. */
const MAX_MESSAGE = 1_000;
const [CANARY] = PROMPT.split(" ");

/** @throws AssertionError that says what is wrong with the answer */
export async function ensureWellAnswered(
  response: Response,
  sent: Pick<HostileRequest, "bytes">,
): Promise<Verdict> {
  const text = await response.text();
  const what = `${response.status} ${text.slice(0, 500)}`;
  assert.match(response.headers.get("x-request-id") ?? "", /./, "no x-request-id");
  if (response.status === 200) {
    ensureWhole(response, text);
    return "accepted";
  }
  assert.ok(response.status >= 400 && response.status < 500 || REFUSED_BEHIND.test(text), what);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  const { error, ...more } = JSON.parse(text);
  assert.deepEqual(more, {}, what);
  const { message, type, param, code } = error;
  assert.ok(typeof message === "string" && message !== "" && message.length < MAX_MESSAGE, what);
  assert.ok(typeof type === "string" && type !== "", what);
  assert.ok(param === null || typeof param === "string" && param.length < MAX_MESSAGE, what);
  assert.ok(code === null || typeof code === "string", what);
  if (text.includes(CANARY!)) {
    assert.ok(isName(CANARY!, sent.bytes), `a prompt in an error: ${what}`);
  }
  return "refused";
}

/**
 * What nobody can mend on the way: the upstream refused it, no answer fits the schema in it, or its
 * `stop` is the answer's first letter.
 */
const REFUSED_BEHIND =
  /Upstream (?:answered 4\d\d|gave an empty answer)|does not match the response_format's schema/;

function ensureWhole({ headers }: Response, text: string): void {
  if (!headers.get("content-type")?.startsWith("text/event-stream")) {
    const body = JSON.parse(text);
    assert.ok(typeof body === "object" && body !== null && !body.error, text.slice(0, 500));
    return;
  }
  const end = text.slice(text.lastIndexOf("\n\n", text.length - 3) + 1).trim();
  const isWhole = end === "data: [DONE]" ||
    /^event: response\.(?:completed|incomplete)\n/.test(end);
  assert.ok(text.endsWith("\n\n"), "a stream that ends within an event");
  assert.ok(isWhole || REFUSED_BEHIND.test(end), `a stream that broke: ${end.slice(0, 500)}`);
}

/** Mutation may have made a name of it: a model's, a response's, or a key. Errors repeat those. */
function isName(word: string, bytes: Uint8Array): boolean {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return false;
  }
  let found = false;
  JSON.stringify(body, (key, value) => {
    const isNamed = key === "model" || key === "previous_response_id";
    found ||= key.includes(word) || isNamed && typeof value === "string" && value.includes(word);
    return value;
  });
  return found;
}
