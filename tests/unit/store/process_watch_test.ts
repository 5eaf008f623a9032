import assert from "node:assert/strict";
import { ProcessWatch } from "../../../src/store/process_watch.ts";

Deno.test("dead() names a process whose counter stood still for the whole patience", () => {
  const watch = new ProcessWatch(2);
  assert.deepEqual(watch.dead([["a", 5], ["me", 1]], "me"), []);
  assert.deepEqual(watch.dead([["a", 5], ["me", 2]], "me"), []);
  assert.deepEqual(watch.dead([["a", 5], ["me", 3]], "me"), ["a"]);
});

Deno.test("dead() starts anew with a process that beats again", () => {
  const watch = new ProcessWatch(2);
  for (const beat of [1, 1, 2, 2]) assert.deepEqual(watch.dead([["a", beat]], "me"), []);
  assert.deepEqual(watch.dead([["a", 2]], "me"), ["a"]);
});

Deno.test("dead() never names the process itself", () => {
  const watch = new ProcessWatch(0);
  assert.deepEqual(watch.dead([["me", 1], ["a", 1]], "me"), ["a"]);
});
