/**
 * Cost table: the tokens and the money of a run, by stage and in all. Pure: a trace comes in, lines
 * go out.
 * @module
 */
import type { FusionTrace } from "./ask_gateway.ts";
import type { Ink } from "./ink.ts";
import { heading, MARGIN, paragraph } from "./page.ts";

const TITLES = ["prompt", "cached", "completion", "total", "cost"];
const NAME_WIDTH = 11;
const WIDEST_CELL = 16;

export function costTable({ stages, route, outcome, seed }: FusionTrace, ink: Ink): string[] {
  const room = ink.width - 2 * MARGIN.length - NAME_WIDTH;
  const cellWidth = Math.min(WIDEST_CELL, Math.floor(room / TITLES.length));
  const row = (name: string, cells: readonly string[]) =>
    MARGIN + name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(cellWidth)).join("");
  const figures = stages.map(figuresOf);
  const total = TITLES.map((_, at) => figures.reduce((sum, each) => sum + (each[at] ?? 0), 0));
  const rule = ink.glyphs.rule.repeat(NAME_WIDTH + TITLES.length * cellWidth);
  return [
    ...heading("TOKENS AND COST", ink, "at made-up prices"),
    ink.paint("quiet", row("", TITLES)),
    ...stages.map(({ stage }, at) => row(stage, written(figures[at] ?? []))),
    MARGIN + ink.paint("quiet", rule),
    ink.paint("strong", row("total", written(total))),
    "",
    ...paragraph(`Route: ${route}. Outcome: ${outcome}. Seed: ${seed}.`, ink, "quiet"),
  ];
}

/** In the order of the titles. */
function figuresOf({ usage, cost_usd }: FusionTrace["stages"][number]): number[] {
  return [
    usage.prompt_tokens,
    usage.prompt_tokens_details.cached_tokens,
    usage.completion_tokens,
    usage.total_tokens,
    cost_usd,
  ];
}

function written(figures: readonly number[]): string[] {
  return figures.map((figure, at) =>
    TITLES[at] === "cost" ? `$${figure.toFixed(6)}` : figure.toLocaleString("en-US")
  );
}
