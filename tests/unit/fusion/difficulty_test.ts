import assert from "node:assert/strict";
import { parseDifficulty } from "../../../src/fusion/difficulty.ts";

const READ: Readonly<Record<string, number>> = {
  "0.7": 0.7,
  ".7": 0.7,
  "0,7": 0.7,
  "7/10": 0.7,
  "7 / 10": 0.7,
  "2 out of 10": 0.2,
  "70%": 0.7,
  "70 percent": 0.7,
  "0": 0,
  "1": 1,
  "1.0": 1,
  "100%": 1,
  "10/10": 1,
  "**0.65**": 0.65,
  "\n0.25\n": 0.25,
  '{"score":0.7}': 0.7,
  '{"reasoning":"2 steps","score":0.7}': 0.7,
  "I'd say 0.7.": 0.7,
  "Difficulty: 0.8": 0.8,
  "Difficulty: 0.7. It has 3 steps.": 0.7,
  "On a scale of 0 to 10: 7": 0.7,
  "On a scale from 0 to 1, I'd say 0.6": 0.6,
  "Rating: 0.70 (out of 1)": 0.7,
  "<think>maybe 0.2 or 0.3</think>0.9": 0.9,
  "50%, so 0.5": 0.5,
};
for (const [text, score] of Object.entries(READ)) {
  Deno.test(`parseDifficulty() reads ${JSON.stringify(text)} as ${score}`, () => {
    assert.ok(Math.abs(parseDifficulty(text)! - score) < 1e-12, `${parseDifficulty(text)}`);
  });
}

for (
  const text of [
    "",
    "hard",
    "NaN",
    "Infinity",
    "-0.5",
    "1.5",
    "8",
    "Difficulty: 8",
    "110%",
    "12/10",
    "5/0",
    "0.3 or 0.8",
    "0.7-0.8",
    "Score: 0.3, no 0.8",
    "0.7 because 3 steps",
    "1e5",
    "3rd",
    "v0.7",
    `0.7 ${"x".repeat(5000)}`,
  ]
) {
  Deno.test(`parseDifficulty() fails open on ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.equal(parseDifficulty(text), null);
  });
}
