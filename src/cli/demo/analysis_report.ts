/**
 * Analysis report: what the judge found: what most agree on, who stands where in what is contested,
 * what only one member said, the best case against the majority, and how far each is to be relied
 * on. Pure: a trace comes in, lines go out.
 * @module
 */
import { type Analysis, analysisSchema, relabel } from "../../fusion/analysis.ts";
import type { FusionTrace } from "./ask_gateway.ts";
import type { Ink } from "./ink.ts";
import { block, heading, type Item, paragraph } from "./page.ts";

export interface AnalysisOptions {
  readonly judge: string;
}

export function analysisReport(
  trace: FusionTrace,
  { judge }: AnalysisOptions,
  ink: Ink,
): string[] {
  const parsed = analysisSchema.safeParse(trace.analysis);
  const title = heading("ANALYSIS", ink, `by ${judge}, who saw the answers without names`);
  if (!parsed.success) return [...title, ...paragraph("None came.", ink, "quiet")];
  // The judge has seen labels; whoever reads this may see names.
  const analysis = relabel(
    parsed.data,
    new Map(trace.panel.map(({ label, model }) => [label, model])),
  );
  const { consensus, contradictions, unique_insights, blind_spots, strongest_objection } = analysis;
  const blocks: [name: string, items: Item[]][] = [
    ["agreed", consensus.map((text) => ({ mark: ink.glyphs.good, markTone: "good", text }))],
    ...contradictions.map((each): [string, Item[]] => ["contested", sides(each, ink)]),
    [
      "only one",
      unique_insights.map(({ label, insight }) => ({
        mark: label,
        markTone: "panel",
        text: insight,
      })),
    ],
    ["missed", blind_spots.map((text) => ({ mark: "", text, tone: "quiet" }))],
    [
      "objection",
      strongest_objection ? [{ mark: "", text: strongest_objection }] : [],
    ],
    ["reliability", reliability(analysis, ink)],
  ];
  // The first block's blank line is the heading's.
  return [...title, ...blocks.flatMap(([name, items]) => block(name, items, ink)).slice(1)];
}

/** Who stands where; the position with most votes is marked as the good one, unless there is a tie. */
function sides({ topic, positions }: Analysis["contradictions"][number], ink: Ink): Item[] {
  const votes = positions.map(({ labels }) => labels.length);
  const all = votes.reduce((sum, each) => sum + each, 0);
  const most = Math.max(...votes);
  const isTie = votes.filter((each) => each === most).length > 1;
  return [
    { mark: "", text: topic, tone: "quiet" },
    ...positions.flatMap(({ labels, claim }): Item[] => {
      const wins = !isTie && labels.length === most;
      const mark = wins ? ink.glyphs.good : ink.glyphs.bad;
      return [
        { mark, markTone: wins ? "good" : "bad", text: claim },
        { mark: "", text: `${labels.length} of ${all}: ${labels.join(", ")}`, tone: "quiet" },
      ];
    }),
  ];
}

const LONGEST_BAR = 20;
const LEAST_RELIABLE = 0.5;

function reliability({ reliability }: Analysis, { glyphs }: Ink): Item[] {
  const scores = Object.entries(reliability).sort(([, a], [, b]) => b - a);
  const names = Math.max(0, ...scores.map(([name]) => name.length));
  return scores.map(([name, score]) => ({
    mark: `${name.padEnd(names)} ${score.toFixed(2)}`,
    text: glyphs.full.repeat(Math.round(score * LONGEST_BAR)),
    tone: score < LEAST_RELIABLE ? "bad" : "good",
  }));
}
