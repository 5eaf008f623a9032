/**
 * Figures of the share of a single source: copies, mixes, and what is neither.
 * @module
 */
import { measureShares } from "../../src/fusion/share.ts";
import type { Figure } from "./aggregator_figures.ts";
import { drawPanels, type Row } from "./aggregator_panels.ts";
import { percent, quantile } from "./aggregator_statistics.ts";

export function shares(rows: readonly Row[]): Figure[] {
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

const wordCount = (text: string): number => text.split(/\s+/).length;
const folded = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const everyFourthWordReplaced = (text: string): string =>
  text.split(/(\s+)/).map((part, at) => at % 8 === 6 ? `other${at}` : part).join("");
