/**
 * Figures: each of the aggregator's defences, measured on recorded answers beside the rule that the
 * reference design uses in its place (cut at 8,000 characters, the longest answer, no anonymity) and
 * beside chance.
 * @module
 */
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { anonymizer } from "../../src/fusion/anonymity.ts";
import { bestAnswer } from "../../src/fusion/degrade.ts";
import { evenLengths } from "../../src/fusion/length.ts";
import { judgePrompt } from "../../src/fusion/prompts.ts";
import {
  type PreparedReference,
  prepareReferences,
  readReferences,
  stageReferences,
} from "../../src/fusion/references.ts";
import { measureShares } from "../../src/fusion/share.ts";
import { estimateTokens } from "../../src/fusion/tokens.ts";
import { answersOf, drawPanels, isAttack, type Panel, type Row } from "./aggregator_panels.ts";

export interface Figure {
  readonly figure: string;
  readonly unit: "%" | "×" | "ms" | "";
  readonly ours: number;
  /** The reference design's rule, where it has one. */
  readonly reference?: number;
  readonly random?: number;
  readonly target?: { readonly is: "≥" | "≤" | "<"; readonly value: number };
  readonly note?: string;
}

const OPTIONS = { anonymize: true, normalizeLength: true, maxReferenceChars: 8000 };
const PER_ROW = 20;
const NULLMODEL = "adversary-nullmodel";
const LAZY = "adversary-lazy";
/** Above this an answer of the lazy model is a whole one: 8 of the 263 recorded are. */
const LAZY_MAX = 40;

export function measureFigures(rows: readonly Row[]): Figure[] {
  return [
    ...selfNaming(rows),
    ...lengths(rows),
    ...fences(rows),
    ...weights(rows),
    ...fallback(rows),
    ...shares(rows),
    ...times(rows),
  ];
}

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

function selfNaming(rows: readonly Row[]): Figure[] {
  let naming = 0;
  let gone = 0;
  let silent = 0;
  let same = 0;
  for (const row of rows) {
    const anonymize = anonymizer(Object.keys(row.answers));
    for (const { text } of answersOf(row)) {
      const left = anonymize(text);
      if (SAYS_NAME.test(text) && left !== text) {
        naming++;
        if (!SAYS_NAME.test(left)) gone++;
      } else if (SAYS_NAME.test(text)) {
        // A name that belongs to the subject, or a miss: printed as its own figure.
        silent++;
        same++;
      } else {
        silent++;
        if (left === text) same++;
      }
    }
  }
  const undecided =
    rows.flatMap((row) =>
      answersOf(row).filter(({ text }) =>
        SAYS_NAME.test(anonymizer(Object.keys(row.answers))(text))
      )
    ).length;
  return [
    {
      figure: "self-naming removed",
      unit: "%",
      ours: percent(gone, naming),
      reference: 0,
      target: { is: "≥", value: 100 },
      note:
        `${naming} answers name themselves; ${undecided} more have a name behind "I am", "as" or "by" that was left as the subject's`,
    },
    {
      figure: "answers without self-naming identical to the byte",
      unit: "%",
      ours: percent(same, silent),
      reference: 100,
      target: { is: "≥", value: 99.8 },
    },
  ];
}

function lengths(rows: readonly Row[]): Figure[] {
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

function fences(rows: readonly Row[]): Figure[] {
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

function weights(rows: readonly Row[]): Figure[] {
  const lowest = (panels: readonly Panel[]): number =>
    percent(
      panels.filter((panel) => {
        const weight = prepare(panel).map((reference) => reference.weight);
        const attack = weight[panel.attackAt!]!;
        return weight.every((each, at) => at === panel.attackAt || each > attack);
      }).length,
      panels.length,
    );
  const lazy = drawPanels(rows, { honest: 4, attack: LAZY, perRow: PER_ROW });
  const honest = drawPanels(rows, { honest: 5, attack: null, perRow: PER_ROW })
    .flatMap((panel) => prepare(panel));
  const wholeRows = rows.filter((row) => (row.answers[LAZY]?.text.length ?? 0) > LAZY_MAX).length;
  return [
    {
      figure: "nullmodel attack has the lowest weight of 4 + 1",
      unit: "%",
      ours: lowest(drawPanels(rows, { honest: 4, attack: NULLMODEL, perRow: PER_ROW })),
      random: 20,
      target: { is: "≥", value: 99 },
    },
    {
      figure: "lazy answer has the lowest weight of 4 + 1",
      unit: "%",
      ours: lowest(lazy),
      random: 20,
      target: { is: "≥", value: 99 },
      note: `in ${wholeRows} of ${rows.length} rows the lazy model gave a whole answer`,
    },
    {
      figure: `… where it is lazy (at most ${LAZY_MAX} characters)`,
      unit: "%",
      ours: lowest(lazy.filter(isLazy)),
      random: 20,
      target: { is: "≥", value: 99 },
    },
    {
      figure: "honest answers marked as outliers",
      unit: "%",
      ours: percent(honest.filter(({ outlier }) => outlier).length, honest.length),
      target: { is: "<", value: 2 },
    },
    {
      figure: "honest answers marked as injections",
      unit: "%",
      ours: percent(honest.filter(({ injection }) => injection).length, honest.length),
    },
  ];
}

function fallback(rows: readonly Row[]): Figure[] {
  const figures: Figure[] = [];
  const pick = (panel: Panel): number => bestAnswer(prepare(panel));
  const longest = ({ answers }: Panel): number => {
    const length = answers.map(({ text }) => text.length);
    return length.indexOf(Math.max(...length));
  };
  const rate = (panels: readonly Panel[], rule: (panel: Panel) => number): number =>
    percent(panels.filter((panel) => rule(panel) === panel.attackAt).length, panels.length);
  const win = (panels: readonly Panel[], rule: (panel: Panel) => number): number => {
    const picked = mean(panels.map((panel) => panel.answers[rule(panel)]!.win));
    const honest = mean(
      panels.map(({ answers, attackAt }) =>
        mean(answers.filter((_, at) => at !== attackAt).map((answer) => answer.win))
      ),
    );
    return picked / honest;
  };
  const attacked = [NULLMODEL, LAZY].map((attack) =>
    drawPanels(rows, { honest: 4, attack, perRow: PER_ROW })
  );
  const names = ["nullmodel attack", "lazy answer"];
  attacked.forEach((panels, at) =>
    figures.push({
      figure: `fallback picks the ${names[at]}`,
      unit: "%",
      ours: rate(panels, pick),
      reference: rate(panels, longest),
      random: 20,
      target: { is: "<", value: 0.5 },
    })
  );
  const lazy = attacked[1]!.filter(isLazy);
  const all = attacked.flat();
  const clean = drawPanels(rows, { honest: 5, attack: null, perRow: PER_ROW });
  figures.push(
    {
      figure: "… where it is lazy",
      unit: "%",
      ours: rate(lazy, pick),
      reference: rate(lazy, longest),
      random: 20,
      target: { is: "<", value: 0.5 },
    },
    {
      figure: "fallback picks an adversary (both)",
      unit: "%",
      ours: rate(all, pick),
      reference: rate(all, longest),
      random: 20,
      target: { is: "<", value: 0.5 },
    },
    {
      figure: "fallback's win over a random honest answer's, attacked",
      unit: "×",
      ours: win(all, pick),
      reference: win(all, longest),
      random: 1,
      target: { is: "≥", value: 1 },
    },
    {
      figure: "fallback's win over a random honest answer's, clean",
      unit: "×",
      ours: win(clean, pick),
      reference: win(clean, longest),
      random: 1,
      target: { is: "≥", value: 1.1 },
      note: "the recorded judge favours length; the longest rule gains from that",
    },
    {
      figure: "fallback's pick is the longest, clean",
      unit: "%",
      ours: percent(clean.filter((panel) => pick(panel) === longest(panel)).length, clean.length),
      reference: 100,
      random: 20,
    },
  );
  return figures;
}

function shares(rows: readonly Row[]): Figure[] {
  const panels = drawPanels(rows, { honest: 4, attack: null, perRow: 5 });
  const copies: number[] = [];
  const mixErrors: number[] = [];
  const strangers: number[] = [];
  const reworded: number[] = [];
  for (const { answers } of panels) {
    const [first, second, third, stranger] = answers.map(({ text }) => text) as [
      string,
      string,
      string,
      string,
    ];
    const references = [first, second, third].map((text, slot) => ({ slot, text }));
    const dominant = (text: string): number => measureShares(text, references).dominant ?? 0;
    if (folded(first) !== folded(second) && folded(first) !== folded(third)) {
      copies.push(measureShares(first, references).shares.get(0) ?? 0);
    }
    strangers.push(dominant(stranger) * 100);
    reworded.push(dominant(everyFourthWordReplaced(first)) * 100);
    const error = mixError([first, second, third]);
    if (error !== null) mixErrors.push(error);
  }
  return [
    {
      figure: "a copy of one source scores ≥ 0.95 for it",
      unit: "%",
      ours: percent(copies.filter((share) => share >= 0.95).length, copies.length),
      target: { is: "≥", value: 100 },
      note: "identical sources share a copy, and are left out",
    },
    {
      figure: "a mix of three by sentences: each within 0.1 of its share",
      unit: "%",
      ours: percent(mixErrors.filter((error) => error <= 0.1).length, mixErrors.length),
      target: { is: "≥", value: 95 },
      note: "the rest hold sentences that two sources have in common, or lists of single words",
    },
    {
      figure: "largest error in a mix, at p95",
      unit: "",
      ours: quantile(mixErrors, 0.95),
      target: { is: "≤", value: 0.1 },
    },
    {
      figure: "share of one source in a fourth model's answer, at the median",
      unit: "%",
      ours: quantile(strangers, 0.5),
    },
    { figure: "… at p95", unit: "%", ours: quantile(strangers, 0.95) },
    {
      figure: "share in a copy with every fourth word replaced, at the median",
      unit: "%",
      ours: quantile(reworded, 0.5),
    },
  ];
}

/** The largest difference between a source's true part of a mix (in words) and its measured share. */
function mixError(texts: readonly string[]): number | null {
  const sentences = texts.map((text) =>
    text.split(/(?<=[.!?])\s+|\n+/).map((each) => each.trim()).filter((each) =>
      wordCount(each) >= 3
    )
  );
  const rounds = Math.min(...sentences.map(({ length }) => length));
  if (rounds < 2) return null;
  const mix: string[] = [];
  const own = texts.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    sentences.forEach((source, at) => {
      mix.push(source[round]!);
      own[at]! += wordCount(source[round]!);
    });
  }
  const total = own.reduce((sum, each) => sum + each, 0);
  const { shares } = measureShares(mix.join(" "), texts.map((text, slot) => ({ slot, text })));
  return Math.max(...own.map((words, slot) => Math.abs((shares.get(slot) ?? 0) - words / total)));
}

function times(rows: readonly Row[]): Figure[] {
  const sized = (honest: number, from: number, to: number): Panel[] =>
    drawPanels(rows, { honest, attack: null, perRow: 12 })
      .filter(({ answers }) =>
        answers.every(({ text }) => text.length >= from && text.length <= to)
      )
      .slice(0, 60);
  const perPanel = (panels: readonly Panel[]): number => {
    const rounds: number[] = [];
    for (let round = 0; round < 40; round++) {
      const start = performance.now();
      for (const panel of panels) runOnce(panel);
      rounds.push((performance.now() - start) / panels.length);
    }
    return quantile(rounds, 0.5);
  };
  return [
    {
      figure: "time per panel, 5 answers of about 2 KB (items 1 to 5 and 7)",
      unit: "ms",
      ours: perPanel(sized(5, 1500, 2700)),
      target: { is: "≤", value: 3 },
    },
    {
      figure: "time per panel, 3 answers of about 1 KB",
      unit: "ms",
      ours: perPanel(sized(3, 700, 1400)),
      target: { is: "≤", value: 0.25 },
    },
  ].filter(({ ours }) => Number.isFinite(ours)) as Figure[];
}

/** All that a fused request does with its answers: prepared once, staged twice, a fallback and a share. */
function runOnce(panel: Panel): void {
  const prepared = prepare(panel);
  stageReferences(prepared, { seed: "bench", stage: "judge" });
  stageReferences(prepared, { seed: "bench", stage: "synthesis" });
  bestAnswer(prepared);
  measureShares(panel.answers[0]!.text, prepared);
}

function prepare({ answers }: Panel): PreparedReference[] {
  return prepareReferences(
    answers.map(({ text, model }, slot) => ({ slot, text, model })),
    OPTIONS,
  );
}

const isLazy = ({ answers, attackAt }: Panel): boolean =>
  answers[attackAt!]!.text.length <= LAZY_MAX;
const wordCount = (text: string): number => text.split(/\s+/).length;
const folded = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const everyFourthWordReplaced = (text: string): string =>
  text.split(/(\s+)/).map((part, at) => at % 8 === 6 ? `other${at}` : part).join("");
const percent = (part: number, whole: number): number => whole === 0 ? NaN : part / whole * 100;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function quantile(values: readonly number[], at: number): number {
  const rising = [...values].sort((a, b) => a - b);
  return rising[Math.min(rising.length - 1, Math.floor(rising.length * at))] ?? NaN;
}
