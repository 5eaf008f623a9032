import assert from "node:assert/strict";
import { KnownQuirks } from "../../../src/fusion/known_quirks.ts";
import type { Call } from "../../../src/protocol/call.ts";

const call = (backend: string, model: string): Call => ({
  backend,
  model,
  messages: "[]",
  params: {},
  droppable: [],
  timeoutAt: 0,
});

Deno.test("KnownQuirks tells a call what is configured for its backend and learned of its model", () => {
  const known = new KnownQuirks(new Map([["gpu", ["no_system"]]]));
  known.learn(call("gpu", "a"), ["alternate_roles"]);
  assert.deepEqual(known.told(call("gpu", "a")).quirks, ["no_system", "alternate_roles"]);
  assert.deepEqual(known.told(call("gpu", "b")).quirks, ["no_system"]);
  const plain = call("hosted", "a");
  assert.equal(known.told(plain), plain);
});

Deno.test("KnownQuirks says what is learned once, and nothing where nothing is", () => {
  const said: string[] = [];
  const known = new KnownQuirks(new Map(), (model, quirk) => said.push(`${model} ${quirk}`));
  known.learn(call("gpu", "a"), ["no_system", "no_images"]);
  known.learn(call("gpu", "a"), ["no_images"]);
  known.learn(call("gpu", "a"));
  assert.deepEqual(said, ["gpu::a no_system", "gpu::a no_images"]);
});
