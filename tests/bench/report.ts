/**
 * Report: the figures of all targets as one Markdown table for each, or as JSON.
 * @module
 */
import type { Row } from "./figures/figure.ts";

export interface TargetReport {
  readonly target: string;
  readonly rows: readonly Row[];
}

export function asTables(reports: readonly TargetReport[]): string {
  return reports.map(({ target, rows }) => {
    const cells = rows.map((row) => [row.figure, row.toReach, row.measured ?? "n/a", verdict(row)]);
    return table([[target, "to reach", "measured", ""], ...cells]);
  }).join("\n");
}

/** One object: the machine, and each target's figures in numbers. */
export function asJson(reports: readonly TargetReport[]): string {
  return JSON.stringify({ machine: machine(), targets: reports }, null, 2);
}

/** What the figures were measured on. */
export function machine() {
  return {
    deno: Deno.version.deno,
    os: Deno.build.os,
    arch: Deno.build.arch,
    cores: navigator.hardwareConcurrency,
  };
}

function verdict({ reached }: Row): string {
  return reached === null ? "n/a" : reached ? "reached" : "MISSED";
}

function table([head, ...body]: readonly (readonly string[])[]): string {
  if (!head) return "";
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |\n`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return line(head) + rule + body.map(line).join("");
}
