/**
 * Faults: what is wrong with a configuration, in one line each, and the wording of the schema's own
 * findings. A message repeats numbers, and words where one of a few was expected; it repeats no other
 * text, for that may be a secret in the wrong place.
 * @module
 */
import type * as z from "zod";
import { keyPattern, type Path, quote } from "./key_path.ts";
import { nearestKeys } from "./nearest_key.ts";
import type { SchemaTable } from "./schema_walk.ts";

/** What is wrong, and where: a key in the file's own terms, e.g. `profiles[0].panel.min_quorum`. */
export interface Fault {
  readonly key: string;
  readonly message: string;
}

/** A fault before its key is written out. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

export function faultLine(fault: Fault): string {
  return `${fault.key}: ${fault.message}`;
}

/** Words zod's issues. They must have been reported with their input. */
export function schemaFindings(
  issues: readonly z.core.$ZodIssue[],
  tables: readonly SchemaTable[],
): Finding[] {
  return issues.flatMap((issue) => worded(issue, { tables, at: [] }));
}

interface Place {
  readonly tables: readonly SchemaTable[];
  /** Where the issue's own path begins. */
  readonly at: Path;
}

function worded(issue: z.core.$ZodIssue, { tables, at }: Place): Finding[] {
  const path = [...at, ...issue.path as (string | number)[]];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownKey(key, { tables, at: path }),
      }));
    case "invalid_union": {
      // The branch that was meant is the one that took the value as such and faulted its inside.
      const meant = issue.errors.find((branch) => !branch.some(isWrongKind));
      if (meant) return meant.flatMap((inner) => worded(inner, { tables, at: path }));
      const kinds = issue.errors.flat().filter(isWrongKind)
        .map((inner) => inner.code === "invalid_type" ? kindName(inner.expected) : "");
      return [{ path, message: wrongKind(kinds.join(" or "), issue.input) }];
    }
    case "invalid_type":
      return [{ path, message: wrongKind(kindName(issue.expected), issue.input) }];
    case "invalid_value": {
      const choices = issue.values.map((value) => quote(String(value))).join(" or ");
      const got = typeof issue.input === "string" ? quote(issue.input) : valueName(issue.input);
      return [{ path, message: `Must be ${choices}, got ${got}` }];
    }
    case "too_small":
      return [{
        path,
        message: typeof issue.input === "number"
          ? `Must be at least ${issue.minimum}, got ${issue.input}`
          : "Cannot be empty",
      }];
    case "too_big":
      return [{ path, message: `Must be at most ${issue.maximum}, got ${issue.input}` }];
    default:
      // The schema's own wording (values.ts).
      return [{ path, message: issue.message }];
  }
}

function isWrongKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

function wrongKind(wanted: string, value: unknown): string {
  return value === undefined
    ? `Cannot be missing: must be ${wanted}`
    : `Must be ${wanted}, got ${valueName(value)}`;
}

function kindName(kind: string): string {
  switch (kind) {
    case "string":
      return "a string";
    case "number":
      return "a number";
    case "int":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return "a table";
    default:
      return kind;
  }
}

function valueName(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return "a string";
  if (typeof value === "symbol") return value.description ?? "something else";
  return Array.isArray(value) ? "a list" : "a table";
}

function unknownKey(key: string, { tables, at }: Place): string {
  const here = keyPattern(at);
  const known = tables.find((table) => table.pattern === here)?.keys ?? [];
  const near = nearestKeys(key, known);
  if (near.length > 0) return `Unknown key; did you mean ${near.map(quote).join(" or ")}?`;
  const elsewhere = tables.filter((table) => table.keys.includes(key));
  if (elsewhere.length > 0) {
    return `Unknown key; it belongs in ${elsewhere.map(headerOf).join(" or ")}`;
  }
  return `Unknown key; known here: ${known.join(", ")}`;
}

/** A table as its header is written: `[profiles.panel]`, `[[backends]]`. */
function headerOf({ pattern }: SchemaTable): string {
  if (pattern === "") return "the top of the file";
  const name = pattern.replaceAll("[]", "");
  return pattern.endsWith("[]") ? `[[${name}]]` : `[${name}]`;
}
