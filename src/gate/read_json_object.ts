/**
 * Reads a JSON object out of a body's bytes.
 *
 * Whatever a client sends, reading it takes linear time, bounded memory and no deep recursion:
 * the shape is measured before the parser, and long before a schema, looks at it.
 * @module
 */
import { jsonShape } from "./json_shape.ts";
import { Refused } from "./refusal.ts";

/** Deeper than any real tool schema; shallower than what overflows a stack when written out again. */
const MAX_DEPTH = 128;
/** Values in one body. A schema reports each bad one, so this also bounds its report. */
const MAX_VALUES = 100_000;

export type JsonObject = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws {Refused} `invalid_request` */
export function readJsonObject(bytes: Uint8Array): JsonObject {
  const { depth, values } = jsonShape(bytes, { maxDepth: MAX_DEPTH, maxValues: MAX_VALUES });
  if (depth > MAX_DEPTH) throw unreadable(`is nested deeper than ${MAX_DEPTH} levels`);
  if (values > MAX_VALUES) throw unreadable(`has more than ${MAX_VALUES} values`);
  const body = parseJson(bytes);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw unreadable("must be a JSON object");
  }
  dropPrototypes(body);
  return body as JsonObject;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // The parser's own message quotes the body, which may be a prompt.
    throw unreadable("is not valid JSON");
  }
}

/** Drops `__proto__` keys, which no parameter has. */
function dropPrototypes(value: object): void {
  for (const key in value) {
    if (key === "__proto__") delete (value as Record<string, unknown>)[key];
    else {
      const inner = (value as Record<string, unknown>)[key];
      if (typeof inner === "object" && inner !== null) dropPrototypes(inner);
    }
  }
}

function unreadable(why: string): Refused {
  const message = `Cannot read the request: its body ${why}`;
  return new Refused({ type: "invalid_request", message, param: null, code: null });
}
