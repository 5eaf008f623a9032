import assert from "node:assert/strict";
import { answerKey } from "../../../src/fusion/answer_key.ts";

/** Texts that come down to the same. */
const SAME: readonly (readonly [string, readonly string[]])[] = [
  ["choice:b", [
    "B",
    "(b)",
    "**B**",
    "B.",
    "B) Paris",
    "Answer: B",
    "Option B",
    "The correct answer is **(B) Paris**.",
  ]],
  ["number:5", [
    "5",
    "five",
    "5 eggs",
    "The answer is 5.",
    "You have 5 eggs left.",
    "so \\boxed{5}",
    "…\n#### 5",
    "5.0",
  ]],
  ["number:1234.5 usd", ["$1,234.50", "1234.5 dollars", "USD is wrong here? The answer: $1234.5"]],
  ["number:5000 m", ["5 km", "5,000 meters", "5 kilometres"]],
  ["number:50 %", ["50%", "50 percent"]],
  ["number:0.5", ["1/2", "0.5", ".5", "\\boxed{\\frac{1}{2}}"]],
  ["number:-3.5 °c", ["-3.5 °C", "−3.5°C"]],
  ["yes", ["Yes.", "yes", "Yes, because it is so."]],
  ["paris", ["Paris", "It is Paris", "The capital of France is Paris.", "paris."]],
  ["sao paulo", ["São Paulo", "Sao Paulo", "SÃO PAULO"]],
  ["beatles", ["The Beatles", "Beatles"]],
];
for (const [key, texts] of SAME) {
  for (const text of texts) {
    Deno.test(`answerKey() of ${JSON.stringify(text)} is ${key}`, () =>
      assert.equal(answerKey(text), key));
  }
}

for (
  const text of [
    "",
    "   ",
    "It depends on what is meant, for there are three ways to look at this, and each has its own merit in the end.",
    "First line.\nSecond line.",
  ]
) {
  Deno.test(`answerKey() of ${JSON.stringify(text)} is null`, () =>
    assert.equal(answerKey(text), null));
}

Deno.test("answerKey() tells different answers apart", () => {
  const keys = ["5", "6", "5 km", "5 miles", "B", "C", "yes", "no", "Paris", "Rome"].map(answerKey);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("answerKey() takes no name of a built-in for a unit", () => {
  assert.equal(answerKey("5 constructor"), "number:5");
});
