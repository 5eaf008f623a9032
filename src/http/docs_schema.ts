/**
 * Docs schema: a JSON schema in words, for the page that shows it: its type in a line, and what it
 * holds as a list.
 * @module
 */
import { escaped, marked } from "./html_text.ts";
import type { Schema } from "./openapi_schemas.ts";

/** Deeper than any schema of ours that is not one by name. */
const MAX_DEPTH = 8;

/** The type as HTML: `string | array of object`. */
export function typeText(schema: Schema): string {
  const { $ref, const: value, enum: values, type, items } = schema;
  if (typeof $ref === "string") {
    const name = $ref.split("/").at(-1)!;
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (value !== undefined) return code(value);
  if (Array.isArray(values)) return values.map(code).join(" | ");
  const branches = branchesOf(schema);
  if (branches.length > 0) return [...new Set(branches.map(typeText))].join(" | ");
  if (type === "array") {
    return `array of ${isEmpty(items) ? "anything" : typeText(items as Schema)}`;
  }
  if (type === undefined) return "anything";
  const types = [type].flat().filter((each) => each !== "null" || type === "null");
  return escaped(types.join(" | ")) + rangeText(schema);
}

/** What an object, or the objects in a list or in a choice, hold; "" where there is nothing. */
export function schemaList(schema: Schema, depth = 0): string {
  if (depth > MAX_DEPTH) return "";
  const { properties, required, items } = schema;
  if (items) return schemaList(items as Schema, depth);
  const branches = branchesOf(schema);
  if (branches.length > 0) {
    return branches.map((branch) => schemaList(branch, depth + 1)).join("");
  }
  const entries = Object.entries((properties ?? {}) as Readonly<Record<string, Schema>>);
  if (entries.length === 0) return "";
  const needed = new Set(required as readonly string[] | undefined);
  const rows = entries.map(([name, each]) => {
    const { description } = each;
    const mark = needed.has(name) ? ' <span class="required">required</span>' : "";
    const words = typeof description === "string" ? ` ${marked(description)}` : "";
    return `<li><code>${escaped(name)}</code> <span class="type">${typeText(each)}</span>` +
      `${mark}${words}${schemaList(each, depth + 1)}`;
  });
  return `<ul>${rows.join("")}</ul>`;
}

function branchesOf({ anyOf, oneOf }: Schema): readonly Schema[] {
  const branches = (anyOf ?? oneOf ?? []) as readonly Schema[];
  return branches.filter(({ type }) => type !== "null");
}

/** Bounds that somebody has set: those of every integer go without saying. */
function rangeText({ minimum, maximum }: Schema): string {
  const bound = (value: unknown) =>
    typeof value === "number" && Math.abs(value) !== Number.MAX_SAFE_INTEGER ? value : undefined;
  const [low, high] = [bound(minimum), bound(maximum)];
  if (low === undefined && high === undefined) return "";
  if (high === undefined) return ` from ${low}`;
  return low === undefined ? ` to ${high}` : ` ${low} to ${high}`;
}

function isEmpty(schema: unknown): boolean {
  return schema === undefined || Object.keys(schema as object).length === 0;
}

function code(value: unknown): string {
  return `<code>${escaped(JSON.stringify(value))}</code>`;
}
