import assert from "node:assert/strict";
import * as z from "zod";
import { fitSchema } from "../../../src/simulation/schema_value.ts";

const city = z.object({
  name: z.string().max(20),
  population: z.int().min(1).max(50_000_000),
  climate: z.enum(["mild", "harsh"]),
  tags: z.array(z.string()).min(2).max(3),
  mayor: z.object({ name: z.string().min(40), age: z.number().nullable() }),
  coastal: z.boolean(),
  founded: z.iso.date(),
  kind: z.literal("city"),
});

for (
  const [name, schema] of Object.entries({
    "an object with everything": city,
    "a union": z.union([z.object({ a: z.string() }), z.number()]),
    "an intersection": z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
    "a list of objects": z.array(city),
    "a nullable text": z.string().nullable(),
    "a number in bounds": z.number().min(3).max(4),
  })
) {
  Deno.test(`fitSchema() fits ${name}`, () => {
    const value = fitSchema(z.toJSONSchema(schema), { text: "A mild city of 120 people." });
    schema.parse(value);
  });
}

Deno.test("fitSchema() follows references, also to itself, and comes to an end", () => {
  const schema = {
    $ref: "#/$defs/node",
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
  };
  assert.ok("next" in (fitSchema(schema, { text: "x" }) as object));
});

Deno.test("fitSchema() takes numbers and names from its hints, enums from the text", () => {
  const schema = {
    type: "object",
    properties: {
      city: { type: "string" },
      unit: { enum: ["kelvin", "celsius"] },
      days: { type: "integer" },
    },
  };
  assert.deepEqual(
    fitSchema(schema, { text: "Forecast for 3 days in celsius", names: ["Oslo"] }),
    { city: "Oslo", unit: "celsius", days: 3 },
  );
});

Deno.test("fitSchema() survives what is no schema", () => {
  for (
    const schema of [null, undefined, 7, [], { type: "object", properties: null }, { anyOf: [] }]
  ) {
    fitSchema(schema, { text: "x" });
  }
});
