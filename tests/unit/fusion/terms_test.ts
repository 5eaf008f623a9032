import assert from "node:assert/strict";
import { termOf, termsOf, termWeight } from "../../../src/fusion/terms.ts";

Deno.test("termsOf() sees through case, punctuation, apostrophes and the plural", () => {
  assert.deepEqual(termsOf("Don't **CATS** bite?"), termsOf("dont cat bite"));
  assert.notDeepEqual(termsOf("cat"), termsOf("cut"));
});

Deno.test("termsOf() reads pairs of characters where no spaces are written", () => {
  assert.equal(termsOf("天空是蓝色").length, 4);
  assert.deepEqual(termsOf("天空。蓝"), Int32Array.of(...termsOf("天空"), ...termsOf("蓝")));
  assert.equal(termsOf("天空 is blue").length, 3);
});

Deno.test("termWeight() weighs function words little", () => {
  assert.ok(termWeight(termOf("the")) < termWeight(termOf("sky")));
  assert.ok(termWeight(termOf("und")) < termWeight(termOf("Himmel")));
});
