import assert from "node:assert/strict";
import { judgeReferences } from "../../../src/simulation/judge_answer.ts";
import { splitSentences } from "../../../src/simulation/sentences.ts";
import { synthesizeAnswer } from "../../../src/simulation/synthesis_answer.ts";
import { topics } from "../../../src/simulation/topics.ts";
import { panelOf } from "./panel_answers.ts";

const panel = ["concise", "thorough", "practical", "wrong"] as const;

for (const { question, facts } of topics) {
  Deno.test(`synthesizeAnswer() takes the best of several references: ${question}`, () => {
    for (let seed = 0; seed < 8; seed++) {
      const references = panelOf(question, panel, seed);
      const answer = synthesizeAnswer(references, judgeReferences(references, question));
      const sentences = splitSentences(answer);
      const wrong = facts.find((fact) => fact.wrong)!.wrong!;
      assert.ok(!answer.includes(wrong), answer);
      const heard = references.filter(({ text }) =>
        splitSentences(text).some((sentence) => sentences.includes(sentence))
      );
      assert.ok(heard.length >= 3, `only ${heard.length} references heard: ${answer}`);
      assert.ok(
        sentences.every((sentence) => references.some(({ text }) => text.includes(sentence))),
      );
    }
  });
}

Deno.test("synthesizeAnswer() says what is shared first and each claim once", () => {
  const answer = synthesizeAnswer([
    { label: "A", text: "Only A adds an apple tree. Rome is the capital of Italy." },
    { label: "B", text: "The capital of Italy is Rome. Only B brings a brown bear." },
  ]);
  assert.equal(splitSentences(answer).length, 3);
  assert.match(answer, /^(Rome is the capital of Italy|The capital of Italy is Rome)\.\n/);
});

Deno.test("synthesizeAnswer() leaves out what the analysis holds unreliable", () => {
  const references = [
    { label: "A", text: "The bridge opened in spring." },
    { label: "B", text: "Elephants invented the telephone network." },
  ];
  const analysis = { consensus: [], reliability: [{ label: "B", score: 0.1 }] };
  assert.equal(synthesizeAnswer(references, analysis), "The bridge opened in spring.");
  assert.equal(
    synthesizeAnswer(references, { reliability: { A: 0.9, B: 0.1 } }),
    "The bridge opened in spring.",
  );
});

Deno.test("synthesizeAnswer() lives with any analysis and any references", () => {
  const references = [{ label: "A", text: "???" }, { label: "B", text: "" }];
  for (
    const analysis of [null, 3, "x", { consensus: 1, contradictions: [null, { positions: 2 }] }]
  ) {
    assert.equal(synthesizeAnswer(references, analysis), "???");
  }
  assert.equal(synthesizeAnswer([], {}), "");
});
