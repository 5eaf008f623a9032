/**
 * Schema walk: reads a zod schema as data. For the messages that name known keys, and for reading
 * what is right in a file that also has faults.
 * @module
 */
import * as z from "zod";

/** A parsed value in which whatever was missing or faulty is `undefined`. */
export type Draft<T> = T extends readonly (infer Item)[] ? readonly (Draft<Item> | undefined)[]
  : T extends object ? { readonly [Key in keyof T]?: Draft<T[Key]> }
  : T;

/** One table of the schema: where it stands (`profiles[].panel`, "" for the whole) and its keys. */
export interface SchemaTable {
  readonly pattern: string;
  readonly keys: readonly string[];
}

/** Every table of a schema, outermost first. */
export function schemaTables(schema: z.ZodType, pattern = ""): SchemaTable[] {
  const { shape, element } = inside(schema);
  const here: SchemaTable[] = shape ? [{ pattern, keys: Object.keys(shape) }] : [];
  const below = Object.entries(shape ?? {})
    .flatMap(([key, child]) => schemaTables(child, pattern === "" ? key : `${pattern}.${key}`));
  return [...here, ...below, ...(element ? schemaTables(element, `${pattern}[]`) : [])];
}

/** Parses each key on its own, so that one fault does not hide the keys around it. */
export function salvage<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Draft<z.output<Schema>> | undefined {
  const { shape, element } = inside(schema);
  let found: unknown;
  if (shape && isTable(value)) {
    found = Object.fromEntries(
      Object.entries(shape).map(([key, child]) => [key, salvage(child, value[key])]),
    );
  } else if (element && Array.isArray(value)) {
    found = value.map((item) => salvage(element, item));
  } else {
    const parsed = schema.safeParse(value);
    found = parsed.success ? parsed.data : undefined;
  }
  return found as Draft<z.output<Schema>> | undefined;
}

interface Inside {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
}

/** What a schema holds: the keys of a table, the element of a list, both for a union of the two. */
function inside(schema: z.ZodType): Inside {
  if (schema instanceof z.ZodObject) return { shape: schema.shape };
  if (schema instanceof z.ZodArray) return { element: schema.element as z.ZodType };
  if (schema instanceof z.ZodUnion) {
    return Object.assign({}, ...schema.options.map((option) => inside(option as z.ZodType)));
  }
  if (
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return inside(schema.unwrap() as z.ZodType);
  }
  return {};
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
