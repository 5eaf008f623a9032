/**
 * Report: a run as tables to be read: what was sent, what failed on purpose, what came of it, and
 * what was checked.
 * @module
 */
import type { ChaosReport } from "./chaos.ts";
import type { Evidence } from "./evidence.ts";
import { metricSum } from "./metrics_text.ts";
import { FAULT_NAMES } from "./upstream_faults.ts";

type Row = readonly [name: string, value: string | number];

export function asTables({ evidence, checks }: ChaosReport): string {
  const verdict = (passed: boolean) => passed ? "passed" : "FAILED";
  return [
    table("sent", sentRows(evidence)),
    table("calls at the upstream, by what befell them", faultRows(evidence)),
    table("ends, as the clients saw them", endRows(evidence)),
    table(
      "checks",
      checks.map(({ name, passed, detail }) => [name, `${verdict(passed)}: ${detail}`]),
    ),
  ].join("\n");
}

function sentRows({ storm: { sent, killed }, reloaded, metrics }: Evidence): Row[] {
  const streamed = sent.filter(({ plan }) => plan.stream).length;
  return [
    ["requests", `${sent.length}, ${streamed} of them streamed`],
    ...counted(sent.map(({ plan }) => `client ${plan.manner.type.replace("_", " ")}`)),
    ["workers killed", `${killed}, ${metricSum(metrics, "tutti_worker_restarts_total")} restarted`],
    ["configurations reloaded", reloaded],
    ["repeated calls", metricSum(metrics, "tutti_upstream_extra_calls_total")],
  ];
}

function faultRows({ book }: Evidence): Row[] {
  const calls = [...book.calls.values()].flat();
  return FAULT_NAMES.map((name) => {
    const met = calls.filter(({ fault }) => fault === name);
    return [name, `${met.length}: ${inWords(met.map(({ endedAs }) => endedAs ?? "open"))}`];
  });
}

function endRows({ storm: { sent } }: Evidence): Row[] {
  return counted(
    sent.map(({ end }) =>
      end.type === "failed" ? `failed: ${end.status} ${end.code}` : String(end.type)
    ),
  );
}

function counted(words: readonly string[]): Row[] {
  const groups = Object.entries(Object.groupBy(words, (word) => word));
  return groups.map(([word, all = []]): Row => [word, all.length])
    .sort(([a], [b]) => a.localeCompare(b));
}

const inWords = (words: readonly string[]): string =>
  counted(words).map(([word, count]) => `${count} ${word}`).join(", ") || "none";

function table(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${title}\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join("")}`;
}
