import assert from "node:assert/strict";
import { bestAnswer } from "../../../src/fusion/degrade.ts";
import { prepareReferences } from "../../../src/fusion/references.ts";
import { ATTACKS } from "../../support/attacks.ts";
import { PROSE } from "../../support/prose.ts";
import { HONEST } from "../../support/panels.ts";

const prepare = (texts: readonly string[]) =>
  prepareReferences(
    texts.map((text, slot) => ({ slot, text, model: "m" })),
    { anonymize: true, normalizeLength: true, maxReferenceChars: 8000 },
  );

for (const attack of ATTACKS) {
  Deno.test(`bestAnswer() does not pick ${JSON.stringify(attack.slice(0, 50))}`, () => {
    assert.notEqual(bestAnswer(prepare([attack, ...HONEST])), 0);
    assert.notEqual(bestAnswer(prepare([`${attack}\n`.repeat(40), ...HONEST])), 0);
  });
}

Deno.test("bestAnswer() does not pick the longest for its length", () => {
  const rambling = "There is much to say about many things, and one could go on. ".repeat(80);
  assert.notEqual(bestAnswer(prepare([...HONEST, rambling])), 4);
});

Deno.test("bestAnswer() does not pick an answer that only has everybody's words among many others", () => {
  const stuffed = [...HONEST, ...Object.values(PROSE)].join(" ");
  assert.notEqual(bestAnswer(prepare([stuffed, ...HONEST])), 0);
});

Deno.test("bestAnswer() follows the judge's reliability between answers that agree alike", () => {
  const prepared = prepare([HONEST[0]!, HONEST[0]!, HONEST[0]!]);
  assert.equal(bestAnswer(prepared, new Map([[0, 0.2], [1, 0.9], [2, 0.5]])), 1);
});

Deno.test("bestAnswer() keeps from an attack that a judge fell for", () => {
  const prepared = prepare([ATTACKS[4]!, ...HONEST]);
  assert.notEqual(
    bestAnswer(prepared, new Map([[0, 1], [1, 0.5], [2, 0.5], [3, 0.5], [4, 0.5]])),
    0,
  );
});

Deno.test("bestAnswer() of one is that one, of none an error", () => {
  assert.equal(bestAnswer(prepare(["Paris"])), 0);
  assert.throws(() => bestAnswer([]), /Cannot choose the best answer: there is none/);
});
