import assert from "node:assert/strict";
import * as fc from "fast-check";
import { WrappedText, wrapText } from "../../../../src/cli/demo/wrapped_text.ts";

Deno.test("wrapText() breaks at words, keeps paragraphs, indents every line", () => {
  assert.deepEqual(wrapText("one two three\n\nfour", { width: 10, indent: "  " }), [
    "  one two",
    "  three",
    "",
    "  four",
  ]);
});

Deno.test("wrapText() cuts a word that is longer than a line", () => {
  assert.deepEqual(wrapText("ab abcdefghij", { width: 4 }), ["ab", "abcd", "efgh", "ij"]);
});

Deno.test("WrappedText writes a word as soon as it is whole", () => {
  const wrapped = new WrappedText({ width: 20 });
  assert.equal(wrapped.add("a wo"), "a");
  assert.equal(wrapped.add("rd "), " word");
  assert.equal(wrapped.add("la"), "");
  assert.equal(wrapped.end(), " la");
});

const pieces = fc.array(fc.oneof(
  fc.constantFrom(" ", "\n", "word", "\x1b[31m", "\t"),
  fc.string({ unit: "binary", maxLength: 30 }),
));

Deno.test("WrappedText gives the same lines, however the text is cut", () => {
  fc.assert(fc.property(pieces, fc.integer({ min: 1, max: 40 }), (parts, width) => {
    const wrapped = new WrappedText({ width });
    const streamed = parts.map((part) => wrapped.add(part)).join("") + wrapped.end();
    assert.deepEqual(streamed.split("\n"), wrapText(parts.join(""), { width }));
  }));
});

Deno.test("WrappedText keeps within its width, loses no word and passes no control character", () => {
  fc.assert(fc.property(pieces, fc.integer({ min: 1, max: 40 }), (parts, width) => {
    const text = parts.join("");
    const lines = wrapText(text, { width });
    assert.ok(lines.every((line) => line.length <= width));
    assert.ok(lines.every((line) => !/\p{Cc}/u.test(line)));
    const bare = (value: string) => value.replace(/[\s\p{Cc}]+/gu, "");
    assert.equal(bare(lines.join("")), bare(text));
  }));
});
