import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CHARS_PER_TOKEN,
  countPromptTokens,
  countTokens,
  cutToTokens,
  splitPieces,
} from "../../../src/simulation/tokens.ts";

const wellFormed = fc.string({ unit: "grapheme" });

Deno.test("splitPieces() loses nothing and splits no code point", () => {
  fc.assert(fc.property(wellFormed, (text) => {
    const pieces = splitPieces(text);
    assert.equal(pieces.join(""), text);
    assert.ok(pieces.every((piece) => piece.isWellFormed() && piece !== ""));
  }));
});

Deno.test("splitPieces() splits at words, and long words too", () => {
  assert.deepEqual(splitPieces("one two\n three"), ["one", " two", "\n three"]);
  assert.equal(splitPieces("x".repeat(100)).length, 5);
});

Deno.test("cutToTokens() keeps the limit and whole code points", () => {
  fc.assert(fc.property(wellFormed, fc.nat(20), (text, limit) => {
    const cut = cutToTokens(text, limit);
    assert.ok(text.startsWith(cut) && cut.length <= limit * CHARS_PER_TOKEN && cut.isWellFormed());
    assert.ok(countTokens(cut) <= limit);
  }));
});

Deno.test("countPromptTokens() counts text, images and earlier tool calls", () => {
  const text = countPromptTokens([{ role: "user", content: "12345678" }]);
  assert.equal(text, 5);
  const image = countPromptTokens([{
    role: "user",
    content: [{ type: "text", text: "12345678" }, { type: "image_url", image_url: { url: "x" } }],
  }]);
  assert.equal(image, text + 256);
  const call = [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }];
  assert.ok(countPromptTokens([{ role: "assistant", content: null, tool_calls: call }]) > 3);
});
