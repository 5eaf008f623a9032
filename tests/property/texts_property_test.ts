import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAnalysis } from "../../src/fusion/analysis.ts";
import { anonymizer } from "../../src/fusion/anonymity.ts";
import { answerKey } from "../../src/fusion/answer_key.ts";
import { parseDifficulty } from "../../src/fusion/difficulty.ts";
import { evenLengths } from "../../src/fusion/length.ts";
import { shortened } from "../../src/fusion/shorten.ts";
import { measureShares } from "../../src/fusion/share.ts";
import { estimateTokens } from "../../src/fusion/tokens.ts";
import { HONEST, LONG } from "../support/panels.ts";
import { PROSE } from "../support/prose.ts";

const any = fc.string({ unit: "binary", maxLength: 300 });
const block = fc.oneof(
  fc.constantFrom(...LONG.split("\n\n"), ...HONEST, ...Object.values(PROSE)),
  fc.constantFrom(
    "```ts\nlet a = 1;\n```",
    "| a | b |\n| - | - |\n| 1 | 2 |",
    "- item\n- item",
    "👩🏽‍🚀",
  ),
  any,
);
const document = fc.array(block, { minLength: 1, maxLength: 12 }).map((blocks) =>
  blocks.join("\n\n")
);
const isLone = (text: string): boolean => !text.isWellFormed();

Deno.test("shortened() keeps to its room and halves no code point", () => {
  fc.assert(
    fc.property(
      document,
      fc.integer({ min: 20, max: 400 }),
      fc.integer({ min: 20, max: 2000 }),
      (text, tokens, chars) => {
        const short = shortened(text, { tokens, chars });
        assert.ok(short.length <= chars);
        assert.ok(estimateTokens(short) <= tokens + 1, `${estimateTokens(short)} of ${tokens}`);
        if (!isLone(text)) assert.ok(!isLone(short));
      },
    ),
    { numRuns: 400 },
  );
});

Deno.test("shortened() leaves no fence open that was closed", () => {
  const prose = fc.constantFrom(...HONEST, "- item one\n- item two", "A line.");
  const code = fc.integer({ min: 1, max: 40 })
    .map((lines) => `\`\`\`js\n${"const a = [1, 2, 3];\n".repeat(lines)}\`\`\``);
  const text = fc.array(fc.oneof(prose, code), { minLength: 1, maxLength: 8 })
    .map((blocks) => blocks.join("\n\n"));
  fc.assert(
    fc.property(text, fc.integer({ min: 16, max: 300 }), (text, tokens) => {
      const fences = shortened(text, { tokens, chars: 1e6 }).match(/^```/gm)?.length ?? 0;
      assert.equal(fences % 2, 0);
    }),
    { numRuns: 400 },
  );
});

Deno.test("evenLengths() never lengthens a text and says so of every one that it cuts", () => {
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 6 }), (texts) => {
      evenLengths(texts, { relative: true, maxChars: 3000 }).forEach(({ text, cut }, at) => {
        if (cut) assert.ok(cut.toTokens <= cut.fromTokens);
        else assert.equal(text, texts[at]);
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("anonymizer() returns a text without known names as the same string", () => {
  const anonymize = anonymizer([]);
  const plain = fc.array(
    fc.constantFrom(
      ..."I am|I'm|as|my name is|created by|a|the|Bob|sky|,|.|\n|我是|Ich bin".split("|"),
    ),
  )
    .map((words) => words.join(" "));
  fc.assert(fc.property(plain, (text) => assert.equal(anonymize(text), text)), { numRuns: 500 });
});

Deno.test("anonymizer() leaves no name in sentences in which an answer speaks of itself", () => {
  const name = fc.constantFrom(
    "Claude",
    "ChatGPT",
    "GPT-4o",
    "Qwen2.5-72B",
    "Gemini 1.5 Pro",
    "Grok",
    "DeepSeek-V3",
  );
  const maker = fc.constantFrom(
    "Anthropic",
    "OpenAI",
    "Google DeepMind",
    "Alibaba Cloud",
    "xAI",
    "Mistral AI",
  );
  const made = fc.constantFrom("created", "trained", "developed", "made", "built and trained");
  const sentence = fc.tuple(name, maker, made, fc.nat(7)).map(([name, maker, made, shape]) =>
    [
      `I'm ${name}, an AI assistant ${made} by ${maker}.`,
      `As ${name}, I can help with that.`,
      `I am ${name}.`,
      `My name is ${name}, and I was ${made} by ${maker}.`,
      `As a large language model ${made} by ${maker}, I have no opinions.`,
      `I'm an AI model from ${maker}, called ${name}.`,
      `${maker} ${made.split(" ")[0]} me to be helpful.`,
      `My developers at ${maker} say so.`,
    ][shape]!
  );
  const subject = fc.constantFrom(...HONEST);
  const text = fc.array(fc.oneof(sentence, subject), { minLength: 1, maxLength: 6 });
  const anonymize = anonymizer([]);
  fc.assert(
    fc.property(text, fc.constantFrom(" ", "\n\n"), (sentences, between) => {
      const left = anonymize(sentences.join(between));
      assert.doesNotMatch(
        left,
        /Claude|GPT|Qwen|Gemini|Grok|DeepSeek|Anthropic|OpenAI|Google|Alibaba|xAI|Mistral/,
      );
      for (const kept of sentences.filter((sentence) => HONEST.includes(sentence))) {
        assert.ok(left.includes(kept));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseDifficulty() is null or from 0 to 1, and reads back every score it is given", () => {
  fc.assert(
    fc.property(any, (text) => {
      const score = parseDifficulty(text);
      assert.ok(score === null || (score >= 0 && score <= 1));
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.constantFrom("", "Score: ", "I think it is "),
      (thousandths, lead) => {
        const value = thousandths / 1000;
        assert.equal(parseDifficulty(`${lead}${value}`), value);
        assert.ok(Math.abs(parseDifficulty(`${lead}${thousandths / 10}%`)! - value) < 1e-12);
        assert.equal(parseDifficulty(`${lead}${thousandths}/1000`), value);
      },
    ),
  );
});

Deno.test("parseDifficulty() never makes a score of two", () => {
  const hundredth = fc.integer({ min: 0, max: 100 }).map((value) => value / 100);
  fc.assert(fc.property(hundredth, hundredth, (a, b) => {
    assert.equal(parseDifficulty(`${a} or ${b}`), a === b ? a : null);
  }));
});

Deno.test("parseAnalysis() never throws, and names only labels that it was given", () => {
  const labels = ["Ref-K7M", "Ref-B2X"];
  const fragment = fc.oneof(
    fc.constantFrom(
      ..."{ } [ ] \" : , ' \\ consensus reliability Ref-K7M Ref-ZZZ 0.5 ``` </think> null __proto__ \n"
        .split(" "),
    ),
    fc.json(),
    any,
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 20 }), (parts) => {
      const parsed = parseAnalysis(parts.join(""), labels);
      if ("fault" in parsed) return;
      const { reliability, unique_insights, contradictions } = parsed.analysis;
      const named = [
        ...Object.keys(reliability),
        ...unique_insights.map(({ label }) => label),
        ...contradictions.flatMap(({ positions }) => positions.flatMap((each) => each.labels)),
      ];
      assert.ok(named.every((label) => labels.includes(label)));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("measureShares() gives shares from 0 to 1 that sum to 1 at most, a copy at least its whole", () => {
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 5 }), document, (texts, final) => {
      const references = texts.map((text, slot) => ({ slot, text }));
      const { shares } = measureShares(final, references);
      const values = [...shares.values()];
      assert.ok(values.every((value) => value >= 0 && value <= 1));
      assert.ok(values.reduce((sum, value) => sum + value, 0) <= 1 + 1e-9);
      const copied = [...measureShares(texts[0]!, references).shares.values()];
      const whole = copied.reduce((sum, value) => sum + value, 0);
      assert.ok(whole === 0 || whole > 1 - 1e-9);
    }),
    { numRuns: 200 },
  );
});

Deno.test("answerKey() and estimateTokens() take any text", () => {
  fc.assert(
    fc.property(document, (text) => {
      const key = answerKey(text);
      assert.ok(key === null || (key.length > 0 && key.length < 200));
      assert.ok(estimateTokens(text) <= text.length * 2 + 2);
    }),
    { numRuns: 500 },
  );
});
