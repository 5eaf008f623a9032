import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { faultLines } from "./loading.ts";

/** The example with every optional key uncommented: each table of the schema, each key in it. */
const FULL = Deno.readTextFileSync("config.example.toml").replaceAll(/^#(?! |$)/gm, "");

type Table = Record<string, unknown>;

/** Every table within a tree, with its path. */
function tablesOf(value: unknown, path = ""): { path: string; table: Table }[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => tablesOf(item, `${path}[${index}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  const table = value as Table;
  const below = Object.entries(table)
    .flatMap(([key, item]) => tablesOf(item, path === "" ? key : `${path}.${key}`));
  return [{ path, table }, ...below];
}

const places = tablesOf(parse(FULL))
  .flatMap(({ path, table }) => Object.keys(table).map((key) => ({ path, key })));

const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz_");

/** One slip of the finger in a word. */
function slip(word: string): fc.Arbitrary<string> {
  const at = (most: number) => fc.nat({ max: most });
  return fc.oneof(
    fc.tuple(at(word.length), letter).map(([i, c]) => word.slice(0, i) + c + word.slice(i)),
    at(word.length - 1).map((i) => word.slice(0, i) + word.slice(i + 1)),
    fc.tuple(at(word.length - 1), letter).map(([i, c]) => word.slice(0, i) + c + word.slice(i + 1)),
    at(word.length - 2)
      .map((i) => word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2)),
  );
}

/** The full example's tree with one change in the table at `path`. */
function changed(path: string, change: (table: Table) => void): string {
  const tree = parse(FULL);
  const { table } = tablesOf(tree).find((each) => each.path === path)!;
  change(table);
  return stringify(tree);
}

Deno.test("parseConfig() finds the key that any one slip was meant to be", () => {
  const slips = fc.constantFrom(...places)
    .chain((place) => slip(place.key).map((typed) => ({ ...place, typed })))
    .filter(({ path, typed }) =>
      !places.some((place) => place.path === path && place.key === typed) &&
      // [backend] is a key where [[backends]] is, so one slip can make the one of the other.
      typed !== "backend" && typed !== "backends"
    );
  fc.assert(
    fc.property(slips, ({ path, key, typed }) => {
      const text = changed(path, (table) => {
        table[typed] = table[key];
        delete table[key];
      });
      const where = path === "" ? typed : `${path}.${typed}`;
      const line = faultLines(text).find((each) =>
        each.startsWith(`${where}: Unknown key; did you`)
      );
      assert(line?.includes(`"${key}"`), `${where} for ${key}: ${line}`);
    }),
    { numRuns: 400 },
  );
});

Deno.test("parseConfig() names the place of any key set to another kind of value", () => {
  const wrong = fc.constantFrom<unknown>(-7, -0.5, [[]], [{ x: [] }], new Date(0), { "": 1 });
  fc.assert(
    fc.property(fc.constantFrom(...places), wrong, ({ path, key }, value) => {
      const where = path === "" ? key : `${path}.${key}`;
      const lines = faultLines(changed(path, (table) => table[key] = value));
      assert(lines.some((line) => line.startsWith(where)), `${where}: ${lines.join("\n")}`);
    }),
    { numRuns: 300 },
  );
});

const scalar = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean());
const key = fc.oneof(
  fc.constantFrom(...places.map((place) => place.key), "__proto__", "constructor", "toString"),
  fc.string(),
);
const { garbage } = fc.letrec<{ garbage: unknown; table: Table }>((tie) => ({
  garbage: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(scalar),
    fc.array(tie("table")),
    tie("table"),
  ),
  table: fc.array(fc.tuple(key, tie("garbage")), { maxLength: 6 }).map(Object.fromEntries),
}));

/** Lines that are one line, say something, and begin with a key or the file. */
function assertWorded(lines: readonly string[]) {
  for (const line of lines) assert.match(line, /^\S[^\n\r]*: [A-Z][^\n\r]+$/);
}

Deno.test("parseConfig() throws on no tree and words every fault in one line", () => {
  fc.assert(
    fc.property(key, garbage, (name, value) => {
      assertWorded(faultLines(stringify({ [name]: value })));
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), key, garbage, (place, name, value) => {
      assertWorded(faultLines(changed(place.path, (table) => table[name] = value)));
    }),
    { numRuns: 300 },
  );
});

Deno.test("parseConfig() throws on no text and on no variable", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(..."[]{}=\"'.#,\n\\ab1-:_ ")).map((letters) => letters.join("")),
  );
  fc.assert(fc.property(text, (each) => assertWorded(faultLines(each))), { numRuns: 500 });
  const variable = fc.array(fc.oneof(key, fc.nat().map(String)), { minLength: 1, maxLength: 5 })
    .map((segments) => `TUTTI_${segments.join("__").toUpperCase()}`);
  fc.assert(
    fc.property(variable, text, (name, value) => {
      assertWorded(faultLines(FULL, { [name]: value }));
    }),
    { numRuns: 300 },
  );
});
