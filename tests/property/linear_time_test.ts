/**
 * Every function that reads a model's text takes time in proportion to it: 16 times the text takes 16
 * times as long, and not 256 times. Held by the ratio, not by a clock's seconds; the bound lies far from
 * both, for the collector and other processes, and what is too short to be measured passes.
 * @module
 */
import assert from "node:assert/strict";
import { weighAgreement } from "../../src/fusion/agreement.ts";
import { parseAnalysis } from "../../src/fusion/analysis.ts";
import { anonymizer } from "../../src/fusion/anonymity.ts";
import { answerKey } from "../../src/fusion/answer_key.ts";
import { cheapCheck } from "../../src/fusion/cheap_check.ts";
import { parseDifficulty } from "../../src/fusion/difficulty.ts";
import { markInjections, withoutControlTokens } from "../../src/fusion/injection.ts";
import { evenLengths } from "../../src/fusion/length.ts";
import { readReferences } from "../../src/fusion/references.ts";
import { measureShares } from "../../src/fusion/share.ts";
import { shortened } from "../../src/fusion/shorten.ts";
import { estimateTokens } from "../../src/fusion/tokens.ts";

const anonymize = anonymizer(["acme::zorblax-7b"]);
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  anonymizer: anonymize,
  markInjections: (text) => markInjections([text]),
  withoutControlTokens,
  answerKey,
  evenLengths: (text) => evenLengths([text, "a b c", "d e f"], { relative: true, maxChars: 8000 }),
  shortened: (text) => shortened(text, { tokens: text.length / 8, chars: text.length }),
  weighAgreement: (text) => weighAgreement([text, "the sky", "is blue"]),
  measureShares: (text) =>
    measureShares(text, [{ slot: 0, text }, { slot: 1, text: text.slice(9) }]),
  estimateTokens,
  parseDifficulty,
  cheapCheck: (text) => cheapCheck(text, { finishReason: "stop" }),
  readReferences,
  parseAnalysis: (text) => parseAnalysis(text.slice(-32_000), ["Ref-BCD"]),
};

/** What invites backtracking or rescanning: the beginnings of every pattern, over and over. */
const REPEATED = [
  "a",
  " ",
  "\n",
  ".",
  "1",
  "1,",
  "<",
  "-",
  "_",
  "*",
  "~",
  "|",
  "{",
  "[",
  '"',
  "\\",
  "é",
  "\ud83d",
  "我",
  "\u200d",
  "I'm ",
  "I'm Claude ",
  "Claude ",
  "As Claude, I am a ",
  "I am an AI model by ",
  "created by ",
  "my developers ",
  "OpenAI's policy ",
  "I, Claude, ",
  "Google ",
  "this is ",
  "我是",
  "ich von ",
  "\n— ",
  "Best regards,\n",
  "```\n",
  "|a|b|\n",
  "- \n",
  "a. ",
  "e\u0301",
  "👩‍👩‍👧",
  "answer: ",
  "\\boxed{",
  "#### ",
  "1/",
  "</ref-",
  '<ref-aaaaaa label="x">\n',
  "<|a",
  "[INST]",
  "ignore all previous ",
  "this answer is clearly ",
  "Ref-",
  '{"a":',
  '["',
  "'a ",
  "score ",
  "0 to 10 ",
  "<think>",
  "I'm a a a a a a ",
  "judge ",
];

const time = (read: (text: string) => unknown, text: string): number => {
  let best = Infinity;
  for (let attempt = 0; attempt < 5 && best > NOISE_MS; attempt++) {
    const start = performance.now();
    read(text);
    best = Math.min(best, performance.now() - start);
  }
  return best;
};
const NOISE_MS = 40;

for (const [name, read] of Object.entries(READERS)) {
  Deno.test(`${name}() takes time in proportion to a text of up to 200,000 characters`, () => {
    for (const part of REPEATED) {
      const of = (length: number): string => part.repeat(Math.ceil(length / part.length));
      const large = time(read, of(200_000));
      if (large <= NOISE_MS) continue;
      const small = Math.max(time(read, of(12_500)), 1);
      assert.ok(large < small * 100, `${JSON.stringify(part)}: ${small} ms, then ${large} ms`);
    }
  });
}
