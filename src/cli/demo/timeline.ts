/**
 * Timeline: every actor of a run as a bar on one time axis: who answered when, when the quorum was
 * there, who was cancelled when the grace was over, the judge, the synthesis. Pure: a trace comes in,
 * lines go out.
 * @module
 */
import type { FusionTrace } from "./ask_gateway.ts";
import type { Ink } from "./ink.ts";
import { heading, MARGIN, paragraph, seconds } from "./page.ts";
import { type Bar, drawBar, drawMarks, drawScale, type Mark, type TimeAxis } from "./time_axis.ts";

export interface TimelineOptions {
  readonly minQuorum: number;
  /** Who judges and who writes: a trace names the members only. */
  readonly judge: string;
  readonly synthesizer: string;
  /** Members whose upstream saw the connection close before they had answered. */
  readonly disconnected: readonly string[];
}

interface Row extends Bar {
  readonly group: string;
  readonly name: string;
  /** How it ended: one word. */
  readonly ending: string;
}

export function timeline(trace: FusionTrace, options: TimelineOptions, ink: Ink): string[] {
  const rows = [...memberRows(trace), ...stageRows(trace, options)];
  const marks = marksOf(trace, options);
  const endMs = Math.max(1, ...rows.map((row) => row.endMs));
  const endings = rows.map((row) => `${row.ending} ${seconds(row.endMs)}`);

  const names = columnFor(rows.map(({ name }) => name));
  const groups = columnFor(rows.map(({ group }) => group));
  const right = columnFor(endings);
  const room = ink.width - 2 * MARGIN.length - groups - names;
  const axis: TimeAxis = { ink, width: room - right, room, endMs };
  const indent = MARGIN + " ".repeat(groups + names);

  return [
    ...heading("TIMELINE", ink, `${seconds(endMs)} in all`),
    ...drawMarks(marks, axis).map((line) => indent + line),
    ...rows.map((row, at) => {
      const group = row.group === rows[at - 1]?.group ? "" : row.group;
      return MARGIN + ink.paint("quiet", group.padEnd(groups)) +
        ink.paint("strong", row.name.padEnd(names)) +
        drawBar(row, row.group === "panel" ? marks : [], axis) +
        ink.paint(row.isCancelled ? "bad" : "quiet", endings[at]!.padStart(right));
    }),
    ...drawScale(axis).map((line) => indent + line),
    ...options.disconnected.flatMap((name) => [
      "",
      ...paragraph(
        `${name} was cancelled as the grace ended; its upstream saw the socket close.`,
        ink,
        "quiet",
      ),
    ]),
  ];
}

/** In the order in which they ended. */
function memberRows({ panel }: FusionTrace): Row[] {
  const rows = panel.map(({ model, status, start_ms, ms }): Row => ({
    group: "panel",
    name: model,
    startMs: start_ms,
    endMs: start_ms + ms,
    tone: "panel",
    ending: status,
    isCancelled: status !== "answered",
  }));
  return rows.sort((a, b) => a.endMs - b.endMs);
}

function stageRows(
  { stages, moments }: FusionTrace,
  { judge, synthesizer }: TimelineOptions,
): Row[] {
  const first = moments.find(({ what }) => what === "first_token");
  return stages.flatMap(({ stage, start_ms, ms }): Row[] => {
    const bar = { group: stage, startMs: start_ms, endMs: start_ms + ms, isCancelled: false };
    switch (stage) {
      case "judge":
        return [{ ...bar, name: judge, tone: "judge", ending: "judged" }];
      case "synthesis": {
        const wait = first ? { firstMs: first.at_ms } : {};
        return [{ ...bar, ...wait, name: synthesizer, tone: "synthesis", ending: "written" }];
      }
      default:
        return [];
    }
  });
}

function marksOf({ moments }: FusionTrace, { minQuorum }: TimelineOptions): Mark[] {
  return moments.flatMap(({ at_ms: atMs, what }): Mark[] => {
    switch (what) {
      case "quorum":
        return [{ atMs, label: `quorum of ${minQuorum}, ${seconds(atMs)}` }];
      case "grace_over":
        return [{ atMs, label: `grace over, ${seconds(atMs)}` }];
      default:
        return [];
    }
  });
}

/** Room for the longest of the texts and a gap. */
function columnFor(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length)) + 2;
}
