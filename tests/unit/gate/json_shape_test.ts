import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonShape } from "../../../src/gate/json_shape.ts";

const NO_LIMITS = { maxDepth: Infinity, maxValues: Infinity };

function shape(text: string, limits = NO_LIMITS) {
  return jsonShape(new TextEncoder().encode(text), limits);
}

/** The same from the parsed value. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function valuesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum, each) => sum + 1 + valuesIn(each), 0);
}

Deno.test("jsonShape() tells what parsing would, of any JSON", () => {
  const tricky = fc.constantFrom('"', "\\", '\\"', "[{", "}]", ",:", "\u2028", "é", "\ud800");
  const text = fc.oneof(fc.string(), fc.array(tricky).map((parts) => parts.join("")));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie("value")),
      fc.dictionary(text, tie("value")),
    ),
  }));
  const indent = fc.constantFrom(0, 2);
  fc.assert(fc.property(value, indent, (value, indent) => {
    const written = JSON.stringify(value, null, indent);
    const read = JSON.parse(written);
    const members = typeof read === "object" && read !== null && !Array.isArray(read)
      ? Object.keys(read).length
      : 0;
    assert.deepEqual(shape(written), { depth: depthOf(read), values: valuesIn(read), members });
  }));
});

Deno.test("jsonShape() counts a member that is there twice", () => {
  assert.equal(shape('{"a": {"b": 1}, "a": [":", {"c": 2}]}').members, 2);
});

Deno.test("jsonShape() stops at the first level and the first value too many", () => {
  const limits = { maxDepth: 3, maxValues: 5 };
  assert.equal(shape("[".repeat(1_000), limits).depth, 4);
  assert.equal(shape(`[${"0,".repeat(1_000)}`, limits).values, 6);
});

Deno.test("jsonShape() has an end for what has none", () => {
  for (const text of ["", '"', '"\\', '{"a', "]]]", '"\\"', "\\".repeat(1_000)]) shape(text);
});
