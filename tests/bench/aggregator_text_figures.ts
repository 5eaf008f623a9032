/**
 * Figures of what happens to each text: self-naming, length, fences.
 * @module
 */
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { anonymizer } from "../../src/fusion/anonymity.ts";
import { evenLengths } from "../../src/fusion/length.ts";
import { judgePrompt } from "../../src/fusion/prompts.ts";
import { readReferences, stageReferences } from "../../src/fusion/references.ts";
import { estimateTokens } from "../../src/fusion/tokens.ts";
import type { Figure } from "./aggregator_figures.ts";
import { answersOf, drawPanels, isAttack, NULLMODEL, type Row } from "./aggregator_panels.ts";
import { percent, prepare, quantile } from "./aggregator_statistics.ts";

/**
 * Self-naming by a rule that knows nothing of ours: a name from a list within a few words behind "I am",
 * "as a", "created by" and the like.
 */
const NAMES =
  "Claude|Anthropic|OpenAI|ChatGPT|GPT-?[34]|Google|Gemini|Bard|Gemma|Meta AI|LLa?MA|Mistral|Mixtral|Qwen|Tongyi|Alibaba|DeepSeek|Vicuna|LMSYS|Koala|Alpaca|Hermes|OpenBuddy|Buddy|FuseChat|Microsoft|Phi|Cohere|Grok|xAI";
const SAYS_NAME = new RegExp(
  `\\b(?:I am|I['’]m|I be|as an?|as|my name is|call me|(?:created|made|developed|trained|built) by)(?: [\\w,'’-]+){0,8}? (?:${NAMES})\\b`,
  "i",
);

export function selfNaming(rows: readonly Row[]): Figure[] {
  const anonymize = anonymizer([...new Set(rows.flatMap((row) => Object.keys(row.answers)))]);
  const texts = rows.flatMap(answersOf).map(({ text }) => ({ text, left: anonymize(text) }));
  const says = texts.filter(({ text }) => SAYS_NAME.test(text));
  const naming = says.filter(({ text, left }) => left !== text);
  const silent = texts.filter((each) => !naming.includes(each));
  const subject = says.length - naming.length;
  return [
    {
      figure: "self-naming removed",
      unit: "%",
      ours: percent(naming.filter(({ left }) => !SAYS_NAME.test(left)).length, naming.length),
      reference: 0,
      target: { is: "≥", value: 100 },
      note:
        `${naming.length} answers name themselves; ${subject} more have a name behind "I am", "as" or "by" that was left as the subject's`,
    },
    {
      figure: "answers without self-naming identical to the byte",
      unit: "%",
      ours: percent(silent.filter(({ text, left }) => text === left).length, silent.length),
      reference: 100,
      target: { is: "≥", value: 99.8 },
    },
  ];
}

export function lengths(rows: readonly Row[]): Figure[] {
  const counts = new Map<string, number>();
  const tokens = (text: string): number => {
    const known = counts.get(text);
    if (known !== undefined) return known;
    const count = encode(text, { disallowedSpecial: new Set() }).length;
    counts.set(text, count);
    return count;
  };
  const ratio = (texts: readonly string[]): number => {
    const rising = texts.map(tokens).sort((a, b) => a - b);
    return rising.at(-1)! / rising[rising.length >> 1]!;
  };
  const panels = drawPanels(rows, { honest: 5, attack: null, perRow: 10 })
    .map(({ answers }) => answers.map(({ text }) => text));
  const before = panels.map((texts) => ratio(texts.map((text) => text.slice(0, 8000))));
  const after = panels.map((texts) =>
    ratio(evenLengths(texts, { relative: true, maxChars: 8000 }).map(({ text }) => text))
  );
  const errors = rows.flatMap(answersOf).filter(({ model, text }) =>
    !isAttack(model) && text.length > 100
  )
    .map(({ text }) => Math.abs(estimateTokens(text) / tokens(text) - 1) * 100);
  const within = (ratios: readonly number[]): number =>
    percent(ratios.filter((each) => each <= 1.5).length, ratios.length);
  return [
    {
      figure: "panels of 5 with the longest ≤ 1.5 × the median (o200k_base)",
      unit: "%",
      ours: within(after),
      reference: within(before),
      target: { is: "≥", value: 99 },
    },
    {
      figure: "longest over median, at the median",
      unit: "×",
      ours: quantile(after, 0.5),
      reference: quantile(before, 0.5),
    },
    {
      figure: "longest over median, at p95",
      unit: "×",
      ours: quantile(after, 0.95),
      reference: quantile(before, 0.95),
    },
    { figure: "token estimate's error, at the median", unit: "%", ours: quantile(errors, 0.5) },
    { figure: "token estimate's error, at p95", unit: "%", ours: quantile(errors, 0.95) },
  ];
}

export function fences(rows: readonly Row[]): Figure[] {
  const panels = drawPanels(rows, { honest: 4, attack: NULLMODEL, perRow: 1 });
  const kept = panels.filter((panel, at) => {
    const prepared = prepare(panel);
    const staged = stageReferences(prepared, { seed: `bench-${at}`, stage: "judge" });
    const read = readReferences(judgePrompt(staged, { singleSourceCap: true })) ?? [];
    return read.length === prepared.length &&
      prepared.every(({ slot, text }) =>
        read.some((each) => each.label === staged.labelOf(slot) && each.text === text)
      );
  }).length;
  return [{
    figure: "panels with a recorded attack read back whole from their fences",
    unit: "%",
    ours: percent(kept, panels.length),
    target: { is: "≥", value: 100 },
  }];
}
