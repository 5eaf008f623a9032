/**
 * Knowledge: what the simulated models know about a question: a topic of theirs, a small sum, or
 * nothing, and then the question's own words have to do.
 * @module
 */
import { contentWords } from "./sentences.ts";
import { type Topic, topics } from "./topics.ts";

export function findTopic(question: string): Topic | null {
  return topics.find((topic) => topic.keywords.every((word) => word.test(question))) ?? null;
}

export interface Sum {
  /** As in "17 × 23". */
  readonly text: string;
  readonly result: number;
}

/** The first sum in a text ("17 * 23", "what is 4+4?"). */
export function findSum(question: string): Sum | null {
  const match = /(?<![\d.])(\d{1,6})\s?([-+*×x])\s?(\d{1,6})(?![\d.])/.exec(question);
  if (!match) return null;
  const [left, right] = [Number(match[1]), Number(match[3])];
  switch (match[2]) {
    case "+":
      return { text: `${left} + ${right}`, result: left + right };
    case "-":
      return { text: `${left} − ${right}`, result: left - right };
    default:
      return { text: `${left} × ${right}`, result: left * right };
  }
}

/** The two words of a question that carry most of it, in its own spelling. */
export function keyWords(question: string): [string, string] {
  const meant = contentWords(question);
  const words = (question.match(/\p{L}[\p{L}\d'’-]*/gu) ?? [])
    .filter((word) => word.length > 2 && !askingWords.has(word.toLowerCase()))
    .filter((word) => contentWords(word).isSubsetOf(meant) && contentWords(word).size > 0);
  const longest = [...new Set(words)].sort((a, b) => b.length - a.length).slice(0, 2);
  const inOrder = words.filter((word, at) => longest.includes(word) && words.indexOf(word) === at);
  return [inOrder[0] ?? "the question", inOrder[1] ?? "its context"];
}

const askingWords = new Set(
  "please tell explain describe give write show make help want need know say me us about short shorter longer briefly answer question"
    .split(
      " ",
    ),
);
