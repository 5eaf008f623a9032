/**
 * TOML: text to a tree of plain values. The only file that knows the TOML library.
 *
 * No key of the configuration takes a date, so a date becomes a symbol, which no schema accepts
 * (the library's date objects would pass for empty tables).
 * @module
 */
import { parse, TomlError } from "smol-toml";

export type Table = Record<string, unknown>;

/** The file's tree, or where and why it is not TOML. The reason repeats nothing of the text. */
export type ParsedToml =
  | { readonly tree: Table }
  | { readonly line: number; readonly column: number; readonly reason: string };

export function parseToml(text: string): ParsedToml {
  try {
    return { tree: withoutDates(parse(text)) as Table };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message goes on with the line itself, which may hold a secret.
    const reason = error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    return { line: error.line, column: error.column, reason };
  }
}

/** A single value, e.g. `3`, `true`, `["a", "b"]`; text that is none, e.g. `a b`, is itself. */
export function parseTomlValue(text: string): unknown {
  const parsed = parseToml(`value = ${text}`);
  if (!("tree" in parsed)) return text;
  // More keys: the text was not one value but went on for lines.
  return Object.keys(parsed.tree).length === 1 ? parsed.tree.value : text;
}

function withoutDates(value: unknown): unknown {
  if (value instanceof Date) return Symbol("a date");
  if (Array.isArray(value)) return value.map(withoutDates);
  if (typeof value !== "object" || value === null) return value;
  const table: Table = Object.create(null);
  for (const [key, item] of Object.entries(value)) table[key] = withoutDates(item);
  return table;
}
