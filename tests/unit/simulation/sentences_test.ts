import assert from "node:assert/strict";
import {
  conflict,
  contentWords,
  overlap,
  splitSentences,
} from "../../../src/simulation/sentences.ts";

Deno.test("splitSentences() splits prose and lists alike", () => {
  assert.deepEqual(splitSentences("One is 3.5 km. Two?\n\n- Three\n2. Four\n---\n"), [
    "One is 3.5 km.",
    "Two?",
    "Three",
    "Four",
  ]);
});

Deno.test("overlap() of wordings of the same is higher than of different things", () => {
  const a = contentWords("The Moon's average distance from Earth is 384,400 km.");
  const b = contentWords("On average the Moon is 384,400 km from Earth.");
  const c = contentWords("All other planets would fit into the gap.");
  assert.ok(overlap(a, b) > 0.7);
  assert.equal(overlap(a, c), 0);
  assert.equal(overlap(new Set(), a), 0);
});

for (
  const [what, a, b, expected] of [
    ["numbers", "The Moon is 384,400 km away.", "The Moon is 238,900 km away.", true],
    ["a negation", "The client should wait.", "The client should not wait.", true],
    ["names", "The capital is Canberra.", "The capital is Sydney.", true],
    ["opposites", "Water boils below 100 °C.", "Water boils above 100 °C.", true],
    ["wordings", "Canberra is the capital.", "The capital is Canberra.", false],
    ["detail", "It boils below 100 °C.", "It boils below 100 °C, by 1 °C every 300 m.", false],
  ] as const
) {
  Deno.test(`conflict() of ${what} is ${expected}`, () => {
    assert.equal(conflict(a, b), expected);
    assert.equal(conflict(b, a), expected);
  });
}
