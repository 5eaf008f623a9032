import assert from "node:assert/strict";
import { schemaFault } from "../../../src/fusion/schema_check.ts";

const person = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1 },
    age: { type: "integer", minimum: 0 },
    tags: { type: "array", items: { $ref: "#/$defs/tag" } },
    id: { anyOf: [{ type: "string" }, { type: "null" }] },
  },
  required: ["name", "age"],
  additionalProperties: false,
  $defs: { tag: { enum: ["a", "b"] } },
};

Deno.test("schemaFault() is null for what fits", () => {
  for (const value of [{ name: "N", age: 3 }, { name: "N", age: 0, tags: ["a", "b"], id: null }]) {
    assert.equal(schemaFault(value, person), null);
  }
  assert.equal(schemaFault("anything", true), null);
  assert.equal(schemaFault({}, {}), null);
});

Deno.test("schemaFault() says where in the schema, and to the model where in the value", () => {
  const at = (value: unknown) => schemaFault(value, person)?.at;
  assert.equal(at({ name: "N", age: "3" }), "#/properties/age/type");
  assert.equal(at({ name: "", age: 3 }), "#/properties/name/minLength");
  assert.equal(at({ name: "N" }), "#/required");
  assert.equal(at({ name: "N", age: -1 }), "#/properties/age/minimum");
  assert.equal(at([]), "#/type");
  assert.match(
    at({ name: "N", age: 1, tags: ["a", "z"] })!,
    /^#\/properties\/tags\/items\/.*enum$/,
  );
  assert.match(schemaFault({ name: "N", age: "3" }, person)!.detail, /#\/age/);
});

Deno.test("schemaFault() tells nothing of the value where it names the schema", () => {
  const fault = schemaFault({ name: "N", age: 1, secretWord: 1 }, person)!;
  assert.doesNotMatch(fault.at, /secretWord/);
  assert.match(fault.at, /additionalProperties/);
});

Deno.test("schemaFault() follows a schema into itself, as deep as the value goes", () => {
  const tree = {
    $defs: {
      node: {
        type: "object",
        properties: { next: { $ref: "#/$defs/node" }, n: { type: "number" } },
      },
    },
    $ref: "#/$defs/node",
  };
  assert.equal(schemaFault({ n: 1, next: { n: 2 } }, tree), null);
  assert.notEqual(schemaFault({ n: 1, next: { n: "2" } }, tree), null);
});

Deno.test("schemaFault() lets through what it cannot check", () => {
  for (
    const schema of [
      { $ref: "#/$defs/missing" },
      { $ref: "#" },
      { $ref: "https://elsewhere.example/schema" },
      { type: "nonsense" },
      { properties: 3, required: "x", anyOf: "y" },
      null,
      [],
    ]
  ) assert.equal(schemaFault({ x: 1 }, schema)?.at.includes("elsewhere") ?? false, false);
  assert.equal(
    schemaFault({ ab: 1 }, { patternProperties: { "^a": {} }, additionalProperties: false }),
    null,
  );
  assert.equal(schemaFault("b", { pattern: "^a", format: "email" }), null);
});

Deno.test("schemaFault() ends soon, whatever the schema", () => {
  const evil = "(a+)+$";
  assert.equal(schemaFault("a".repeat(40) + "!", { pattern: evil }), null);
  assert.equal(
    schemaFault({ ["a".repeat(40) + "!"]: 1 }, { patternProperties: { [evil]: true } }),
    null,
  );
  // Each definition looks at the next one twice: 2^60 ways through.
  const defs: Record<string, unknown> = { d60: { type: "string" } };
  for (let at = 0; at < 60; at++) {
    const next = { $ref: `#/$defs/d${at + 1}` };
    defs[`d${at}`] = { allOf: [next, next] };
  }
  assert.equal(schemaFault("x", { $ref: "#/$defs/d0", $defs: defs }), null);
  // Nested ids, each of which a reader may read twice.
  let nested: Record<string, unknown> = { type: "string" };
  for (let at = 0; at < 60; at++) {
    nested = { $id: `https://a.example/${at}`, properties: { x: nested } };
  }
  assert.equal(schemaFault({}, nested), null);
  const deep = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
  assert.equal(
    schemaFault(deep, { $defs: { a: { items: { $ref: "#/$defs/a" } } }, $ref: "#/$defs/a" }),
    null,
  );
});

Deno.test("schemaFault() leaves the caller's schema as it was", () => {
  const before = JSON.stringify(person);
  schemaFault({ name: "N", age: 3 }, person);
  assert.equal(JSON.stringify(person), before);
  assert.deepEqual(Object.getOwnPropertyNames(person.properties.name), ["type", "minLength"]);
});
