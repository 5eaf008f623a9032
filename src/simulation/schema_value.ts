/**
 * Schema value: a value that fits a JSON schema, made out of a text. Reads the part of JSON Schema
 * that structured outputs and tool parameters use; what it does not know it leaves unfulfilled.
 * Source: JSON Schema 2020-12; OpenAI guide "Structured model outputs", supported schemas.
 * @module
 */

export interface SchemaHints {
  /** What the value should be about; strings and enums are taken from it. */
  readonly text: string;
  /** Texts to give out one after the other to string properties; then `text` itself. */
  readonly names?: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

interface Filling {
  readonly root: Schema;
  readonly text: string;
  readonly names: string[];
  readonly numbers: number[];
}

export function fitSchema(schema: unknown, hints: SchemaHints): unknown {
  const root = asSchema(schema);
  const numbers = hints.text.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  const filling = { root, text: hints.text, names: [...hints.names ?? []], numbers };
  return fill(root, filling, 0);
}

const MAX_DEPTH = 12;

function fill(schema: Schema, filling: Filling, depth: number): unknown {
  if (depth > MAX_DEPTH) return null;
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return mentioned(schema.enum, filling.text);
  if (typeof schema.$ref === "string") {
    return fill(resolve(schema.$ref, filling.root), filling, depth + 1);
  }
  const options = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(options) && options.length > 0) {
    return fill(asSchema(options[0]), filling, depth + 1);
  }
  if (Array.isArray(schema.allOf)) {
    return fill(Object.assign({}, ...schema.allOf.map(asSchema)), filling, depth + 1);
  }
  switch (typeOf(schema)) {
    case "object":
      return fillObject(schema, filling, depth);
    case "array":
      return fillArray(schema, filling, depth);
    case "string":
      return fillString(schema, filling);
    case "integer":
      return clamp(Math.trunc(filling.numbers.shift() ?? 1), schema);
    case "number":
      return clamp(filling.numbers.shift() ?? 0.5, schema);
    case "boolean":
      return !/\b(no|not|never)\b/i.test(filling.text);
    case "null":
      return null;
    default:
      return filling.text;
  }
}

function fillObject(schema: Schema, filling: Filling, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(asSchema(schema.properties))
      .map(([name, property]) => [name, fill(asSchema(property), filling, depth + 1)]),
  );
}

function fillArray(schema: Schema, filling: Filling, depth: number): unknown[] {
  const wanted = typeof schema.minItems === "number" ? schema.minItems : 1;
  const length = Math.min(Math.max(wanted, 1), Number(schema.maxItems ?? wanted) || wanted, 32);
  return Array.from({ length }, () => fill(asSchema(schema.items), filling, depth + 1));
}

function fillString(schema: Schema, filling: Filling): string {
  switch (schema.format) {
    case "date":
      return "2026-01-01";
    case "time":
      return "12:00:00Z";
    case "date-time":
      return "2026-01-01T12:00:00Z";
    case "email":
      return "simulated@example.org";
    case "uri":
      return "https://example.org/";
    case "uuid":
      return "00000000-0000-4000-8000-000000000000";
    default: {
      const text = filling.names.shift() ?? filling.text;
      const least = Number(schema.minLength ?? 0);
      return text.padEnd(least, ".").slice(0, Number(schema.maxLength ?? Infinity));
    }
  }
}

/** The schema's type; a nullable one is taken as the type that it may have. */
function typeOf(schema: Schema): unknown {
  if (Array.isArray(schema.type)) return schema.type.find((type) => type !== "null") ?? "null";
  if (schema.type !== undefined) return schema.type;
  return schema.properties ? "object" : schema.items ? "array" : undefined;
}

/** The first value that the text mentions, else the first. */
function mentioned(values: readonly unknown[], text: string): unknown {
  const lower = text.toLowerCase();
  return values.find((value) => lower.includes(String(value).toLowerCase())) ?? values[0] ?? null;
}

function clamp(value: number, schema: Schema): number {
  const least = Number(schema.minimum ?? -Infinity);
  const most = Number(schema.maximum ?? Infinity);
  return Math.min(Math.max(value, least), most);
}

/** A reference within the same document: `#/$defs/name`. */
function resolve(reference: string, root: Schema): Schema {
  return reference.split("/").slice(1).reduce<Schema>(
    (at, key) => asSchema(at[key.replaceAll("~1", "/").replaceAll("~0", "~")]),
    root,
  );
}

const asSchema = (value: unknown): Schema =>
  typeof value === "object" && value !== null ? value as Schema : {};
