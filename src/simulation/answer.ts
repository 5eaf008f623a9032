/**
 * Answer: what a simulated model says to a question. It depends on the question, on the turns before
 * it, on the system prompt and on the model's persona: members of a panel agree on the facts in
 * words of their own, add an insight each, and a `wrong` one contradicts them.
 * @module
 */
import type { Conversation } from "./conversation.ts";
import { findSum, findTopic, keyWords } from "./knowledge.ts";
import type { Rng } from "./rng.ts";
import type { Persona } from "./simulated_model.ts";
import type { Topic } from "./topics.ts";

/** An answer to the conversation's last question. `rng` decides the wording and what is left out. */
export function writeAnswer(conversation: Conversation, persona: Persona, rng: Rng): string {
  const { question, earlier, instructions, attachments } = conversation;
  const before = followsUp(conversation) ? earlier.at(-1) : undefined;
  const subject = before === undefined ? question : nearestSubject(conversation);
  const wishes = [...instructions, question].join("\n");

  const sentences = inFrench(wishes)
    ? frenchSentences(subject)
    : sentencesOn(subject, persona, rng);
  if (before !== undefined) sentences.unshift(`This follows on from "${clip(before)}".`);
  if (attachments.length > 0) sentences.push(`Attached and seen: ${attachments.join(", ")}.`);
  if (isBrief(wishes)) sentences.length = Math.min(sentences.length, before === undefined ? 1 : 2);
  if (instructions[0]) sentences.push(`It keeps to the instruction "${clip(instructions[0])}".`);
  return persona === "practical" && sentences.length > 2
    ? sentences.map((sentence) => `- ${sentence}`).join("\n")
    : sentences.join(" ");
}

/** Whether the last question can only be understood from the turns before it. */
function followsUp({ question, earlier }: Conversation): boolean {
  if (earlier.length === 0 || findTopic(question) || findSum(question)) return false;
  return question.length < 25 ||
    /^(and|or|but|so|then|now|also|what about|how about|why|in \w+\b|translate|shorter|more|again|continue|explain)\b/i
      .test(question.trim());
}

/** The latest earlier turn about something known, else the latest of all. */
function nearestSubject({ earlier, question }: Conversation): string {
  return earlier.findLast((turn) => findTopic(turn) ?? findSum(turn)) ?? earlier.at(-1) ?? question;
}

function sentencesOn(subject: string, persona: Persona, rng: Rng): string[] {
  const topic = findTopic(subject);
  if (topic) return topicSentences(topic, persona, rng);
  const sum = findSum(subject);
  if (sum) {
    return [`${sum.text} = ${persona === "wrong" ? sum.result + 10 : sum.result}.`];
  }
  return genericSentences(subject, persona, rng);
}

function topicSentences(topic: Topic, persona: Persona, rng: Rng): string[] {
  const facts = topic.facts.map((fact) =>
    persona === "wrong" && fact.wrong ? fact.wrong : rng.pick(fact.wordings)
  );
  if (persona === "wrong") return ["There is no doubt about it.", ...facts];
  // A terse model leaves its last fact out, so that panels also differ in what is missing.
  const told = persona === "concise" ? facts.slice(0, Math.max(2, facts.length - 1)) : facts;
  return [...told, topic.insights[persona]];
}

function genericSentences(subject: string, persona: Persona, rng: Rng): string[] {
  const [one, other] = keyWords(subject);
  const shared = rng.pick([
    `This simulated answer is about ${one} and ${other}.`,
    `About ${one} and ${other}, this is a simulated answer.`,
  ]);
  const claim = rng.pick([
    `What matters first is how ${one} depends on ${other}.`,
    `First of all it matters how ${one} depends on ${other}.`,
  ]);
  switch (persona) {
    case "concise":
      return [shared, claim, `Settle ${one}, and ${other} mostly follows.`];
    case "thorough":
      return [shared, claim, `Over time ${other} also acts back on ${one}, with a delay.`];
    case "practical":
      return [shared, claim, `Try a small case of ${one} before spending much on ${other}.`];
    case "sceptical":
      return [shared, claim, `Good evidence on ${other} is scarce, so keep a second explanation.`];
    case "wrong":
      return [shared, `What matters first is not how ${one} depends on ${other}.`];
    default:
      return persona satisfies never;
  }
}

function frenchSentences(subject: string): string[] {
  const topic = findTopic(subject);
  if (topic) return [`En français : ${topic.french}`];
  const [one, other] = keyWords(subject);
  return [`En français : cette réponse simulée porte sur « ${one} » et « ${other} ».`];
}

const inFrench = (wishes: string): boolean => /\b(in french|en français|french)\b/i.test(wishes);

const isBrief = (wishes: string): boolean =>
  /\b(one sentence|in brief|briefly|shorter)\b/i.test(wishes);

function clip(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length <= 60 ? line.replace(/[.!?]$/, "") : `${line.slice(0, 60).toWellFormed()}…`;
}
