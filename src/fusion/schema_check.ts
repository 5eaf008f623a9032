/**
 * Schema check: whether a value fits a JSON Schema that a caller sent. The schema and the value are
 * both strangers', so the check is bounded: it takes a copy of the schema with only the keywords that
 * cost what they look like, and gives up after a number of steps. What it cannot check, fits.
 *
 * Left out: `pattern`, `patternProperties` and `format` (a regular expression of one stranger over the
 * text of another can run for ever), `uniqueItems` (quadratic), and references to other documents.
 * Source: JSON Schema 2020-12; OpenAI guide "Structured model outputs", supported schemas.
 * @module
 */
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";

export interface SchemaFault {
  /** Where in the schema: `#/properties/age/type`. Holds nothing of the value. */
  readonly at: string;
  /** What is wrong and where in the value, for the model that wrote it. */
  readonly detail: string;
}

type Node = Record<string, unknown>;

/** Nodes of the schema that are looked at, over the whole value. About a second's work. */
const MAX_STEPS = 300_000;

/** What the value breaks, or null. */
export function schemaFault(value: unknown, schema: unknown): SchemaFault | null {
  try {
    const steps = { left: MAX_STEPS };
    const checked = checkedPart(schema, steps) as Schema;
    const { valid, errors } = new Validator(checked, "2020-12").validate(value);
    return valid ? null : faultOf(errors);
  } catch {
    // A schema that is none, refers to what is not there, or goes on for ever.
    return null;
  }
}

/** The last error is the innermost; that of a schema `false` names the value's own keys. */
function faultOf(errors: readonly OutputUnit[]): SchemaFault {
  const last = errors.findLast(({ keyword }) => keyword !== "false") ?? errors.at(-1);
  const { keywordLocation = "#", instanceLocation = "#", error = "it does not fit" } = last ?? {};
  return { at: keywordLocation, detail: `at ${instanceLocation}: ${error}` };
}

const PLAIN_KEYWORDS = [
  "type",
  "const",
  "enum",
  "required",
  "dependentRequired",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minContains",
  "maxContains",
  "minProperties",
  "maxProperties",
];
const SCHEMA_KEYWORDS = ["items", "contains", "propertyNames", "not", "if", "then", "else"];
const CLOSING_KEYWORDS = ["additionalProperties", "unevaluatedProperties", "unevaluatedItems"];
const LIST_KEYWORDS = ["prefixItems", "allOf", "anyOf", "oneOf", "items"];
const MAP_KEYWORDS = ["$defs", "definitions", "properties", "dependentSchemas"];

/** The part of a schema that is checked; each of its nodes counts a step when it is looked at. */
function checkedPart(schema: unknown, steps: { left: number }): Node | boolean {
  if (typeof schema === "boolean") return schema;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return true;
  const from = schema as Node;
  const part = (value: unknown) => checkedPart(value, steps);
  const to: Node = {};
  for (const key of PLAIN_KEYWORDS) if (key in from) to[key] = from[key];
  for (const key of SCHEMA_KEYWORDS) if (isNode(from[key])) to[key] = part(from[key]);
  for (const key of LIST_KEYWORDS) if (Array.isArray(from[key])) to[key] = from[key].map(part);
  for (const key of MAP_KEYWORDS) {
    if (isNode(from[key])) to[key] = mapped(from[key] as Node, part);
  }
  // Without the patterns, what they would let in must not be kept out.
  if (!("patternProperties" in from)) {
    for (const key of CLOSING_KEYWORDS) if (isNode(from[key])) to[key] = part(from[key]);
  }
  if (typeof from.$ref === "string" && from.$ref.startsWith("#")) to.$ref = from.$ref;
  const { type } = to;
  Object.defineProperty(to, "type", {
    get() {
      if (--steps.left < 0) throw new RangeError("Cannot check the schema: it takes too long");
      return type;
    },
  });
  return to;
}

const isNode = (value: unknown): boolean =>
  typeof value === "boolean" ||
  (typeof value === "object" && value !== null && !Array.isArray(value));

function mapped(map: Node, part: (value: unknown) => unknown): Node {
  const to: Node = Object.create(null);
  for (const [key, value] of Object.entries(map)) to[key] = part(value);
  return to;
}
