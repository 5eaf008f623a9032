/**
 * Figures of what is chosen: weights, outliers, the fallback answer.
 * @module
 */
import { bestAnswer } from "../../src/fusion/degrade.ts";
import type { Figure } from "./aggregator_figures.ts";
import { drawPanels, LAZY, NULLMODEL, type Panel, type Row } from "./aggregator_panels.ts";
import { mean, percent, prepare } from "./aggregator_statistics.ts";

const PER_ROW = 20;
/** Above this an answer of the lazy model is a whole one. */
const LAZY_MAX = 40;

export function weights(rows: readonly Row[]): Figure[] {
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

export function fallback(rows: readonly Row[]): Figure[] {
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

const isLazy = ({ answers, attackAt }: Panel): boolean =>
  answers[attackAt!]!.text.length <= LAZY_MAX;
