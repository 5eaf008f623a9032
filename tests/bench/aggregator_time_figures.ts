/**
 * Figures of time: the CPU that a fused request costs the gateway for its answers.
 * @module
 */
import process from "node:process";
import { bestAnswer } from "../../src/fusion/degrade.ts";
import { stageReferences } from "../../src/fusion/references.ts";
import { measureShares } from "../../src/fusion/share.ts";
import type { Figure } from "./aggregator_figures.ts";
import { drawPanels, type Panel, type Row } from "./aggregator_panels.ts";
import { prepare, quantile } from "./aggregator_statistics.ts";

export function times(rows: readonly Row[]): Figure[] {
  const sized = (honest: number, from: number, to: number): Panel[] =>
    drawPanels(rows, { honest, attack: null, perRow: 12 })
      .filter(({ answers }) =>
        answers.every(({ text }) => text.length >= from && text.length <= to)
      )
      .slice(0, 60);
  const perPanel = (panels: readonly Panel[]): number => {
    const rounds: number[] = [];
    for (let round = 0; round < 60; round++) {
      const before = process.cpuUsage();
      for (const panel of panels) runOnce(panel);
      const { user, system } = process.cpuUsage(before);
      rounds.push((user + system) / 1000 / panels.length);
    }
    // CPU time, of the fastest tenth of rounds: compiled code, and nobody else's work in the caches.
    return quantile(rounds, 0.1);
  };
  return [
    {
      figure: "CPU per panel, 5 answers of about 2 KB (items 1 to 5 and 7)",
      unit: "ms",
      ours: perPanel(sized(5, 1500, 2700)),
      target: { is: "≤", value: 3 },
    },
    {
      figure: "CPU per panel, 3 answers of about 1 KB",
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
