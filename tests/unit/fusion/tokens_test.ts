import assert from "node:assert/strict";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { estimateTokens } from "../../../src/fusion/tokens.ts";
import { HONEST, LONG } from "../../support/panels.ts";
import { PROSE } from "../../support/prose.ts";

const error = (text: string): number => estimateTokens(text) / encode(text).length - 1;

Deno.test("estimateTokens() is within 9% of o200k_base on English answers", () => {
  for (const text of [...HONEST, LONG]) assert.ok(Math.abs(error(text)) <= 0.09, `${error(text)}`);
});

Deno.test("estimateTokens() is within 12% of o200k_base on source code", async () => {
  for (const name of ["agreement", "length", "references", "share"]) {
    const text = await Deno.readTextFile(
      new URL(`../../../src/fusion/${name}.ts`, import.meta.url),
    );
    assert.ok(Math.abs(error(text)) <= 0.12, `${name}: ${error(text)}`);
  }
});

for (const [language, text] of Object.entries(PROSE)) {
  // Vietnamese writes single syllables, most of them one token whatever their signs.
  const bound = language === "vi" ? 0.8 : 0.25;
  Deno.test(`estimateTokens() is within ${bound * 100}% of o200k_base on prose in ${language}`, () => {
    assert.ok(Math.abs(error(text)) <= bound, `${error(text)}`);
  });
}

Deno.test("estimateTokens() of an empty text is 0, of any other at least 1", () => {
  assert.equal(estimateTokens(""), 0);
  assert.equal(estimateTokens("a"), 1);
  assert.equal(estimateTokens("\n"), 2);
});
