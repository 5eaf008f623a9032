import assert from "node:assert/strict";
import { faultLines, loaded } from "./loading.ts";

const FILE = `
[backend]
base_url = "http://localhost:1/v1"
[[backends]]
name = "other"
base_url = "http://localhost:2/v1"
[[profiles]]
name = "p"
router = { policy = "classifier", classifier_model = "other::small" }
panel = { members = ["a", { model = "default::b" }] }
aggregator = { judge = "a", synthesizer = "b" }
[[prices]]
model = "embedder"
input_per_mtok = 1.0
output_per_mtok = 0.0
`;

function passed(value?: string): string[] {
  const server = value === undefined ? "" : `[server]\npassthrough = ${value}\n`;
  return loaded(server + FILE).server.passthrough.map(({ backend, model }) =>
    `${backend}::${model}`
  );
}

function keysAtFault(text: string): string[] {
  return faultLines(text).map((line) => line.split(":")[0]!);
}

Deno.test("passthrough is off by default", () => {
  assert.deepEqual(passed(), []);
  assert.deepEqual(passed("false"), []);
});

Deno.test("passthrough = true stands for every model that the file names, once", () => {
  assert.deepEqual(passed("true").sort(), [
    "default::a",
    "default::b",
    "default::embedder",
    "other::small",
  ]);
});

Deno.test("passthrough as a list stands for its models and no others", () => {
  assert.deepEqual(passed('["c", "other::d", "default::c"]'), ["default::c", "other::d"]);
});

Deno.test("passthrough names the model at fault", () => {
  const server = '[server]\npassthrough = ["a", "nowhere::b", "fusion/p"]\n';
  assert.deepEqual(keysAtFault(server + FILE), [
    "server.passthrough[1]",
    "server.passthrough[2]",
  ]);
  assert.deepEqual(keysAtFault(`[server]\npassthrough = "a"\n${FILE}`), [
    "server.passthrough",
  ]);
});
