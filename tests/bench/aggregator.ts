/**
 * Bench of the aggregator: `deno task bench:aggregator --data FILE [--rows all|even|odd] [--json]`.
 *
 * Prints one table: each figure with its target, reached or missed, beside the reference design's rule
 * and chance. `--rows even` and `--rows odd` measure one half of the data, which tells what was
 * fitted from what holds.
 * @module
 */
import { parseArgs } from "node:util";
import { type Figure, measureFigures } from "./aggregator_figures.ts";
import { parseRows } from "./aggregator_panels.ts";

const USAGE = "usage: deno task bench:aggregator --data FILE [--rows all|even|odd] [--json]";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function isReached({ ours, target }: Figure): boolean | null {
  if (!target) return null;
  if (target.is === "<") return ours < target.value;
  return target.is === "≥" ? ours >= target.value : ours <= target.value;
}

function shown(value: number | undefined, unit: Figure["unit"]): string {
  if (value === undefined) return "–";
  const digits = unit === "%" ? (value === 100 || value === 0 ? 0 : 2) : unit === "ms" ? 3 : 2;
  return `${value.toFixed(digits)}${unit === "%" ? "%" : unit === "" ? "" : ` ${unit}`}`;
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const reached = isReached(figure);
    const target = figure.target;
    return [
      figure.figure,
      target
        ? `${target.is} ${target.value}${
          figure.unit === "%" ? "%" : figure.unit && ` ${figure.unit}`
        }`
        : "–",
      shown(figure.ours, figure.unit),
      reached === null ? "–" : reached ? "reached" : "missed",
      shown(figure.reference, figure.unit),
      shown(figure.random, figure.unit),
    ];
  });
  const all = [["figure", "target", "Tutti", "", "reference rule", "random"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(3, ...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(all[0]!), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

function main(args: string[]): number {
  let options: { data?: string; rows?: string; json?: boolean };
  try {
    options = parseArgs({
      args,
      options: {
        data: { type: "string" },
        rows: { type: "string", default: "all" },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch {
    options = {};
  }
  const { data, rows: half, json } = options;
  if (data === undefined || !["all", "even", "odd"].includes(half ?? "")) {
    print(USAGE);
    return 2;
  }
  const rows = parseRows(Deno.readTextFileSync(data))
    .filter((_, at) => half === "all" || (at % 2 === 0) === (half === "even"));
  const figures = measureFigures(rows);
  if (json) {
    print(JSON.stringify(
      {
        rows: rows.length,
        figures: figures.map((figure) => ({ ...figure, reached: isReached(figure) })),
      },
      null,
      2,
    ));
    return 0;
  }
  print(`${rows.length} recorded prompts (${half})\n`);
  print(table(figures));
  for (const { figure, note } of figures) if (note) print(`\n${figure}: ${note}.`);
  return 0;
}

Deno.exitCode = main(Deno.args);
