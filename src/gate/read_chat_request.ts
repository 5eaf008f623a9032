/**
 * Reads a chat-completion request out of a body's bytes, or says what is wrong with it and where.
 *
 * Whatever a client sends, reading it takes linear time, bounded memory and no deep recursion:
 * the shape is measured before the schema looks at it.
 * @module
 */
import type * as z from "zod";
import { type ChatRequest, chatRequestSchema } from "../openai/chat_request.ts";
import { Refused } from "./refusal.ts";

/** Deeper than any real tool schema; shallower than what overflows a stack when written out again. */
const MAX_DEPTH = 128;
/** Values in one body. The schema reports each bad one, so this also bounds its report. */
const MAX_VALUES = 100_000;
/** Longest piece of the client's own text that an error repeats. */
const MAX_ECHO = 100;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws {Refused} `invalid_request` */
export function readChatRequest(bytes: Uint8Array): ChatRequest {
  const body = parseJson(bytes);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid("Cannot read the request: its body must be a JSON object");
  }
  measure(body, 1, { left: MAX_VALUES });
  const parsed = chatRequestSchema.safeParse(body);
  if (!parsed.success) throw faultOf(parsed.error.issues[0]!, body);
  return parsed.data;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // The parser's own message quotes the body, which may be a prompt.
    throw invalid("Cannot read the request: its body is not valid JSON");
  }
}

/** Refuses what is too deep or too much, and drops `__proto__` keys, which no parameter has. */
function measure(value: object, depth: number, budget: { left: number }): void {
  if (depth > MAX_DEPTH) {
    throw invalid(`Cannot read the request: its body is nested deeper than ${MAX_DEPTH} levels`);
  }
  for (const key in value) {
    if (--budget.left < 0) {
      throw invalid(`Cannot read the request: its body has more than ${MAX_VALUES} values`);
    }
    if (key === "__proto__") delete (value as Record<string, unknown>)[key];
    else {
      const inner = (value as Record<string, unknown>)[key];
      if (typeof inner === "object" && inner !== null) measure(inner, depth + 1, budget);
    }
  }
}

function faultOf(issue: Issue, body: object): Refused {
  const { path, cause } = innermost(issue, []);
  if (cause.code === "unrecognized_keys") {
    const param = paramName([...path, cause.keys[0]!]);
    return invalid(`Unknown parameter: '${param}'`, param, "unknown_parameter");
  }
  const param = paramName(path);
  return valueAt(body, path) === undefined
    ? invalid(`Missing required parameter: '${param}'`, param, "missing_required_parameter")
    : invalid(`Invalid value for '${param}': ${cause.message}`, param, "invalid_value");
}

/** Of a union's branches, the fault in the one that came furthest is the one that was meant. */
function innermost(issue: Issue, base: Path): { path: Path; cause: Issue } {
  const path = [...base, ...issue.path];
  if (issue.code !== "invalid_union") return { path, cause: issue };
  let found: { path: Path; cause: Issue } = { path, cause: issue };
  for (const [first] of issue.errors) {
    if (first === undefined) continue;
    const inner = innermost(first, path);
    if (inner.path.length > found.path.length) found = inner;
  }
  return found;
}

/** `["messages", 0, "content"]` is `messages[0].content`. */
function paramName(path: Path): string {
  let name = "";
  for (const key of path) {
    if (typeof key === "number") name += `[${key}]`;
    else name += (name === "" ? "" : ".") + String(key).slice(0, MAX_ECHO);
  }
  return name;
}

function valueAt(body: object, path: Path): unknown {
  let value: unknown = body;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null)?.[key];
  return value;
}

function invalid(
  message: string,
  param: string | null = null,
  code: "missing_required_parameter" | "invalid_value" | "unknown_parameter" | null = null,
): Refused {
  return new Refused({ type: "invalid_request", message, param, code });
}
