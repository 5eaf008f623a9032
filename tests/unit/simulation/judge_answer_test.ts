import assert from "node:assert/strict";
import { parseAnalysis } from "../../../src/fusion/analysis.ts";
import {
  chooseReference,
  fillerAnalysis,
  judgeReferences,
} from "../../../src/simulation/judge_answer.ts";
import { topics } from "../../../src/simulation/topics.ts";
import { panelOf } from "./panel_answers.ts";

const panel = ["concise", "thorough", "practical", "wrong"] as const;

for (const { question, facts } of topics) {
  Deno.test(`judgeReferences() finds the wrong one out: ${question}`, () => {
    for (let seed = 0; seed < 8; seed++) {
      const references = panelOf(question, panel, seed);
      const analysis = judgeReferences(references, question);
      const wrong = facts.find((fact) => fact.wrong)!.wrong!;
      const dispute = analysis.contradictions.find(({ positions }) =>
        positions.some(({ claim }) => claim === wrong)
      );
      assert.deepEqual(dispute?.positions[1]?.labels, ["Ref-wrong"]);
      assert.equal(dispute?.positions[0]?.labels.length, 3);
      const scores = new Map(analysis.reliability.map(({ label, score }) => [label, score]));
      for (const label of ["Ref-concise", "Ref-thorough", "Ref-practical"]) {
        assert.ok(
          scores.get(label)! > scores.get("Ref-wrong")! + 0.2,
          `${label} ${scores.get(label)}`,
        );
      }
      assert.ok(analysis.consensus.length >= 1);
      assert.ok(!analysis.consensus.includes(wrong));
      assert.ok(analysis.unique_insights.length >= 3);
      assert.ok(analysis.strongest_objection.includes(wrong));
    }
  });
}

Deno.test("judgeReferences() finds no contradiction where all agree", () => {
  for (
    const question of [...topics.map((topic) => topic.question), "How do I prune an apple tree?"]
  ) {
    for (let seed = 0; seed < 16; seed++) {
      const references = panelOf(question, ["concise", "thorough", "practical", "sceptical"], seed);
      const analysis = judgeReferences(references, question);
      assert.deepEqual(analysis.contradictions, [], question);
      assert.ok(analysis.consensus.length > 0, question);
    }
  }
});

Deno.test("judgeReferences() names what of the question no reference takes up", () => {
  const references = [{ label: "A", text: "Bread needs time." }];
  const { blind_spots } = judgeReferences(references, "How long does rye bread ferment?");
  assert.ok(blind_spots.some((spot) => spot.includes("ferment")));
});

Deno.test("judgeReferences() writes what the gateway reads as an analysis", () => {
  const references = panelOf("Why is the sky blue?", panel);
  const reply = JSON.stringify(judgeReferences(references, "Why is the sky blue?"));
  const read = parseAnalysis(reply, references.map(({ label }) => label));
  assert.ok("analysis" in read);
  assert.equal(Object.keys(read.analysis.reliability).length, 4);
});

Deno.test("judgeReferences() has something to say about nothing", () => {
  assert.deepEqual(judgeReferences([], "x").consensus, []);
  assert.equal(judgeReferences([{ label: "A", text: "" }], "x").reliability[0]?.score, 0);
});

Deno.test("fillerAnalysis() is read as an analysis too", () => {
  assert.ok("analysis" in parseAnalysis(JSON.stringify(fillerAnalysis("x".repeat(1_024))), ["A"]));
});

Deno.test("chooseReference() never chooses the wrong one of a panel", () => {
  for (const { question } of topics) {
    const references = panelOf(question, ["wrong", "concise", "thorough"]);
    assert.match(chooseReference(references), /^Ref-(concise|thorough)$/);
  }
  assert.equal(chooseReference([]), "");
});
