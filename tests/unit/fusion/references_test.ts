import assert from "node:assert/strict";
import {
  prepareReferences,
  readReferences,
  stageReferences,
} from "../../../src/fusion/references.ts";
import { synthesisPrompt } from "../../../src/fusion/prompts.ts";

const answers = ["Paris is the capital.", "It is Paris.", "The capital is Paris, I think."].map(
  (text, slot) => ({ slot, text, model: "m" }),
);
const options = { anonymize: true, normalizeLength: true, maxReferenceChars: 8000 };

Deno.test("readReferences() reads back what stageReferences() wrote into a prompt", () => {
  const staged = stageReferences(prepareReferences(answers, options), {
    seed: "s",
    stage: "judge",
  });
  const read = readReferences(synthesisPrompt(staged, null, { singleSourceCap: true }));
  assert.deepEqual(
    read,
    staged.order.map(({ slot, label }) => ({ label, text: answers[slot]!.text })),
  );
});

Deno.test("stageReferences() draws labels and order anew for each stage", () => {
  const prepared = prepareReferences(answers, options);
  const judge = stageReferences(prepared, { seed: "s", stage: "judge" });
  const again = stageReferences(prepared, { seed: "s", stage: "judge" });
  const synthesis = stageReferences(prepared, { seed: "s", stage: "synthesis" });
  assert.equal(judge.text, again.text);
  assert.notEqual(judge.nonce, synthesis.nonce);
  assert.notEqual(judge.labelOf(0), synthesis.labelOf(0));
});
