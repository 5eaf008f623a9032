/**
 * Progress: what has happened in a run from one state of its course to the next, in lines for a
 * person who waits. Names members by their labels; holds nothing of what anybody wrote. Once the
 * answer is on its way, or the run on the single route, there is nothing to tell.
 * @module
 */
import { judgeSelects } from "./course_modes.ts";
import { type AskRecord, type CourseState } from "./course_state.ts";
import type { Delta } from "./outcome.ts";
import { memberLabel } from "./panel_plan.ts";

export function progressLines(before: CourseState, after: CourseState): readonly string[] {
  if (before.streaming || before.phase === "done" || after.asks === before.asks) return [];
  const known = new Map(before.asks.map((ask) => [ask.id, ask]));
  const ended = after.asks.filter((ask) =>
    ask.status !== "open" && known.get(ask.id)?.status === "open"
  );
  const begun = after.asks.filter((ask) => !known.has(ask.id));
  return [
    ...ended.flatMap((ask) => endedLine(ask, after) ?? []),
    ...begunLine(begun, after),
  ];
}

/** A line as a streamed step: reasoning, never content. */
export function progressDelta(line: string): Delta {
  const delta = { reasoning_content: `${line}\n` };
  return { choices: [{ index: 0, delta, finish_reason: null }], aside: true };
}

function endedLine(ask: AskRecord, after: CourseState): string | undefined {
  const { stage, status } = ask;
  switch (stage) {
    case "panel":
      return memberLine(ask, after);
    case "judge":
      return status === "answered"
        ? `Judge: ${findings(after)} (${seconds(ask)})`
        : `Judge: no analysis (${status})`;
    case "router":
    case "synthesis":
    case "single":
      return undefined;
    default:
      return stage satisfies never;
  }
}

function memberLine(ask: AskRecord, { asks, plan }: CourseState): string {
  const name = memberLabel(ask.slot);
  switch (ask.status) {
    case "answered": {
      const answered = asks.filter(({ stage, layer, status }) =>
        stage === "panel" && layer === ask.layer && status === "answered"
      );
      return `${name} answered after ${seconds(ask)} (${answered.length} of ${plan.slots})`;
    }
    case "cancelled":
      return `${name} was not waited for`;
    default:
      return `${name} failed after ${seconds(ask)}: ${ask.status}`;
  }
}

function findings({ analysis, plan }: CourseState): string {
  if (judgeSelects(plan)) return "one answer picked";
  const { consensus = [], contradictions = [], unique_insights: insights = [] } = analysis ?? {};
  return [
    count(consensus.length, "shared claim"),
    count(contradictions.length, "contradiction"),
    count(insights.length, "single insight"),
  ].join(", ");
}

function begunLine(
  begun: readonly AskRecord[],
  { layer, plan, layerAnswers }: CourseState,
): string[] {
  const [first] = begun;
  if (!first) return [];
  switch (first.stage) {
    case "single":
      return [];
    case "router":
      return ["Weighing the question"];
    case "panel": {
      if (first.attempt > 0) return [`Asking ${memberLabel(first.slot)} again`];
      const round = plan.layers > 1 ? `Round ${layer + 1} of ${plan.layers}: asking` : "Asking";
      return [`${round} ${count(plan.slots, "model")}`];
    }
    case "judge":
      return [`Judge: comparing ${count(layerAnswers.length, "answer")}`];
    case "synthesis":
      return ["Writing the answer"];
    default:
      return first.stage satisfies never;
  }
}

function seconds({ startAt, endAt = startAt }: AskRecord): string {
  return `${((endAt - startAt) / 1_000).toFixed(1)} s`;
}

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? "" : "s"}`;
