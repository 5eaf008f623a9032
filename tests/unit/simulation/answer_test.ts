import assert from "node:assert/strict";
import { writeAnswer } from "../../../src/simulation/answer.ts";
import { readConversation } from "../../../src/simulation/conversation.ts";
import { seededRng } from "../../../src/simulation/rng.ts";
import type { Message } from "../../../src/openai/chat_request.ts";
import { topics } from "../../../src/simulation/topics.ts";
import { answerOf } from "./panel_answers.ts";

const say = (...messages: Message[]): string =>
  writeAnswer(readConversation(messages), "thorough", seededRng(1));
const user = (content: Message["content"]): Message => ({ role: "user", content });
const assistant = (content: string): Message => ({ role: "assistant", content });

Deno.test("writeAnswer() knows every topic by its own question", () => {
  for (const topic of topics) {
    const answer = answerOf(topic.question, "thorough");
    assert.ok(topic.facts.every(({ wordings }) => wordings.some((each) => answer.includes(each))));
    assert.ok(answer.includes(topic.insights.thorough));
    assert.ok(!answer.includes(topic.insights.concise));
  }
});

Deno.test("writeAnswer() is confidently wrong for the wrong persona", () => {
  for (const topic of topics) {
    const wrong = topic.facts.find((fact) => fact.wrong)!.wrong!;
    assert.ok(answerOf(topic.question, "wrong").includes(wrong));
  }
});

Deno.test("writeAnswer() uses an unknown question's own words", () => {
  const answer = answerOf("How do I prune apple trees in winter?", "practical");
  assert.match(answer, /prune|apple|trees|winter/);
  assert.match(answer, /simulated/);
  assert.notEqual(answer, answerOf("How do I prune apple trees in winter?", "sceptical"));
  assert.notEqual(answer, answerOf("How do I season a cast iron pan?", "practical"));
});

Deno.test("writeAnswer() does small sums, and gets them wrong as the wrong persona", () => {
  assert.match(answerOf("What is 17 * 23?", "concise"), /391/);
  assert.match(answerOf("What is 17 * 23?", "wrong"), /401/);
  assert.match(answerOf("12 - 5?", "concise"), /= 7\b/);
});

Deno.test("writeAnswer() words itself anew with another generator, and the same with the same", () => {
  const question = "Why is the sky blue?";
  const answers = Array.from({ length: 8 }, (_, seed) => answerOf(question, "thorough", seed));
  assert.ok(new Set(answers).size > 1);
  assert.equal(answerOf(question, "thorough", 3), answers[3]);
});

Deno.test("writeAnswer() understands a follow-up from the turns before it", () => {
  const answer = say(
    user("What is the capital of Australia?"),
    assistant("Canberra."),
    user("and in French?"),
  );
  assert.match(answer, /follows on from "What is the capital of Australia"/);
  assert.match(answer, /La capitale de l'Australie est Canberra/);
});

Deno.test("writeAnswer() does not drag an old topic into a question of its own", () => {
  const answer = say(
    user("What is the capital of Australia?"),
    assistant("Canberra."),
    user("Why is the sky blue?"),
  );
  assert.match(answer, /Rayleigh/);
  assert.doesNotMatch(answer, /Canberra|follows on/);
});

Deno.test("writeAnswer() shows that the system prompt was seen, and keeps to it", () => {
  const system: Message = { role: "system", content: "Answer in one sentence, in French." };
  const answer = say(system, user("Why is the sky blue?"));
  assert.match(answer, /diffusent le bleu/);
  assert.match(answer, /keeps to the instruction "Answer in one sentence, in French"/);
});

Deno.test("writeAnswer() says what was attached", () => {
  const answer = say(user([
    { type: "text", text: "Why is the sky blue?" },
    { type: "image_url", image_url: { url: "data:," } },
  ]));
  assert.match(answer, /Attached and seen: image_url/);
});
