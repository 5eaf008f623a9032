/**
 * Checks a request's body against the schema of its endpoint, and names what is wrong with it in
 * OpenAI's words: the parameter as a path, and whether it is missing, unknown or invalid.
 * @module
 */
import type * as z from "zod";
import type { JsonObject } from "./read_json_object.ts";
import { Refused } from "./refusal.ts";

/** Longest piece of the client's own text that an error repeats. */
const MAX_ECHO = 100;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** @throws {Refused} `invalid_request` */
export function checkRequest<Schema extends z.ZodType>(
  body: JsonObject,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw faultOf(parsed.error.issues[0]!, body);
  return parsed.data;
}

function faultOf(issue: Issue, body: JsonObject): Refused {
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

function valueAt(body: JsonObject, path: Path): unknown {
  let value: unknown = body;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null)?.[key];
  return value;
}

function invalid(
  message: string,
  param: string,
  code: "missing_required_parameter" | "invalid_value" | "unknown_parameter",
): Refused {
  return new Refused({ type: "invalid_request", message, param, code });
}
