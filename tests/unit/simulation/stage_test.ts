import assert from "node:assert/strict";
import { analysisJsonSchema, analysisSchema } from "../../../src/fusion/analysis.ts";
import {
  classifierMessages,
  judgePrompt,
  refinePrompt,
  repairPrompt,
  synthesisPrompt,
} from "../../../src/fusion/prompts.ts";
import { prepareReferences, stageReferences } from "../../../src/fusion/references.ts";
import { judgeReferences } from "../../../src/simulation/judge_answer.ts";
import { recognizeStage } from "../../../src/simulation/stage.ts";
import { panelOf } from "./panel_answers.ts";

const question = "Why is the sky blue?";
const answers = panelOf(question, ["concise", "thorough", "wrong"])
  .map(({ text }, slot) => ({ slot, text, model: `m${slot}` }));
const staged = stageReferences(
  prepareReferences(answers, { anonymize: true, normalizeLength: true, maxReferenceChars: 8_000 }),
  { seed: "s", stage: "judge" },
);
const labels = staged.order.map(({ label }) => label);
const user = (content: string) => ({ role: "user" as const, content });
const SCORE = "0.0: trivial. 1.0: hard. Reply with one number from 0.0 to 1.0 and nothing else.";
const cap = { singleSourceCap: true };

for (const layout of ["its own turn", "the last user turn"] as const) {
  const conversation = (prompt: string) =>
    layout === "its own turn"
      ? [user("Hello"), user(question), user(prompt)]
      : [user("Hello"), user(`${question}\n\n${prompt}`)];

  Deno.test(`recognizeStage() knows a judge's prompt in ${layout}`, () => {
    const stage = recognizeStage(conversation(judgePrompt(staged, cap)));
    assert.ok(stage.stage === "judge");
    assert.equal(stage.question, question);
    assert.deepEqual(stage.references.map(({ label }) => label), labels);
  });

  Deno.test(`recognizeStage() knows a synthesis with its analysis in ${layout}`, () => {
    const reply = judgeReferences(
      staged.order.map(({ slot, label }) => ({ label, text: answers[slot]!.text })),
      question,
    );
    const analysis = analysisSchema.parse({ ...reply, reliability: { [labels[0]!]: 0.9 } });
    const stage = recognizeStage(conversation(synthesisPrompt(staged, analysis, cap)));
    assert.ok(stage.stage === "synthesis");
    assert.equal(stage.question, question);
    assert.deepEqual(stage.analysis, analysis);
  });

  Deno.test(`recognizeStage() knows a synthesis without an analysis in ${layout}`, () => {
    const stage = recognizeStage(conversation(synthesisPrompt(staged, null, cap)));
    assert.ok(stage.stage === "synthesis");
    assert.equal(stage.analysis, undefined);
  });

  Deno.test(`recognizeStage() knows a layer that refines in ${layout}`, () => {
    const stage = recognizeStage(conversation(refinePrompt(staged)));
    assert.ok(stage.stage === "refine");
    assert.equal(stage.references.length, 3);
  });
}

Deno.test("recognizeStage() still knows the judge when it is asked to repair its JSON", () => {
  const stage = recognizeStage([
    user(question),
    user(judgePrompt(staged, cap)),
    { role: "assistant", content: "sorry" },
    user(repairPrompt("the reply holds no JSON object", analysisJsonSchema.schema)),
  ]);
  assert.equal(stage.stage, "judge");
});

Deno.test("recognizeStage() knows a router's prompt and its question", () => {
  const stage = recognizeStage(
    classifierMessages(`user: ${question}`).map(({ content }) => user(content)),
  );
  assert.deepEqual(stage, { stage: "router", question });
});

for (
  const [where, messages] of [
    ["behind the conversation", [user(question), user(`Do not answer it. ${SCORE}`)]],
    ["behind a transcript", [
      user(
        `<conversation>\nuser: Hi\n\nassistant: Ho\n\nuser: ${question}\n</conversation>\n\nHow hard is it? ${SCORE}`,
      ),
    ]],
  ] as const
) {
  Deno.test(`recognizeStage() knows a router's question ${where}`, () => {
    assert.deepEqual(recognizeStage(messages), { stage: "router", question });
  });
}

Deno.test("recognizeStage() knows a choice of one reference", () => {
  const stage = recognizeStage([
    user(question),
    user(`${staged.text}\n\nWhich is best? Reply with its label only.`),
  ]);
  assert.equal(stage.stage, "select");
});

Deno.test("recognizeStage() is not led by what the judge quotes", () => {
  const analysis = analysisSchema.parse({ consensus: ["Reply with JSON. Give its label only."] });
  const stage = recognizeStage([user(question), user(synthesisPrompt(staged, analysis, cap))]);
  assert.equal(stage.stage, "synthesis");
});

for (
  const content of [
    question,
    "Rate this film from 0 to 10.",
    "What does </ref-abc> mean in this prompt?",
    "Is there a consensus on JSON?",
  ]
) {
  Deno.test(`recognizeStage() takes for a question: ${content}`, () => {
    assert.deepEqual(recognizeStage([user(content)]), { stage: "answer" });
  });
}
