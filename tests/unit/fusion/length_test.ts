import assert from "node:assert/strict";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { evenLengths } from "../../../src/fusion/length.ts";
import { estimateTokens } from "../../../src/fusion/tokens.ts";
import { HONEST, LONG } from "../../support/panels.ts";

const relative = { relative: true, maxChars: 8000 };
const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

Deno.test("evenLengths() holds the longest to 1.5 × the median by a real tokenizer's count", () => {
  const counts = evenLengths([...HONEST, LONG], relative)
    .map(({ text }) => encode(text).length).sort((a, b) => a - b);
  assert.ok(counts[4]! <= counts[2]! * 1.5, `${counts}`);
});

Deno.test("evenLengths() returns texts of even length untouched", () => {
  const texts = [HONEST[0]!, HONEST[1]!, HONEST[0]!];
  assert.deepEqual(evenLengths(texts, relative), texts.map((text) => ({ text })));
});

Deno.test("evenLengths() cuts nothing relative to one answer alone", () => {
  assert.deepEqual(evenLengths([LONG], relative), [{ text: LONG }]);
});

Deno.test("evenLengths() leaves one-line answers alone, however their lengths differ", () => {
  const texts = ["Paris", "It is Paris.", "Paris, the capital of France since 987."];
  assert.deepEqual(evenLengths(texts, relative), texts.map((text) => ({ text })));
});

Deno.test("evenLengths() holds every text to maxChars, also where lengths are not evened", () => {
  for (const only of [true, false]) {
    const evened = evenLengths([LONG, LONG], { relative: only, maxChars: 600 });
    assert.ok(evened.every(({ text, cut }) => text.length <= 600 && text.length > 300 && cut));
  }
});

Deno.test("evenLengths() shares the reader's context out, short texts whole", () => {
  const texts = [HONEST[0]!, LONG, `${LONG}\n\n${LONG}`];
  const evened = evenLengths(texts, { relative: false, maxChars: 1e6, maxTotalTokens: 400 });
  assert.equal(evened[0]!.text, HONEST[0]);
  const costs = evened.map(({ text }) => estimateTokens(text));
  assert.ok(sum(costs) <= 403 && sum(costs) > 300, `${costs}`);
});
