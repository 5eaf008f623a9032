/**
 * Course of the modes: what a run makes of its panel's answers, and what it does before it asks a
 * panel at all: select, vote, consensus and cascade beside the synthesis; and the answer that is
 * written once more because nearly all of it is from one source. Pure.
 * @module
 */
import { finish, noted, startLayer, startStage } from "./course_moves.ts";
import type {
  AskRecord,
  CourseEvent,
  CoursePlan,
  CourseState,
  FailedEnding,
  Step,
} from "./course_state.ts";

type AnsweredAsk = Extract<CourseEvent, { type: "answered" }>;

/** Whether the judge of a run picks an answer, rather than writing an analysis. */
export function judgeSelects({ mode }: Pick<CoursePlan, "mode">): boolean {
  return mode === "select" || mode === "vote";
}

/** Fusing begins with the panel, or, in a cascade, with the single model's answer. */
export function startFusion(state: CourseState, at: number): Step {
  return state.plan.mode === "cascade"
    ? startStage({ ...state, trial: "open" }, at, "single")
    : startLayer(state, at, 0);
}

/** The single model has answered: in a cascade the panel is asked where its answer shows a fault. */
export function alone(state: CourseState, { id }: AskRecord, { at, fault }: AnsweredAsk): Step {
  if (state.trial === "open" && fault) return askPanel(noted(state, at, `trial_${fault}`), at);
  const settled: CourseState = state.trial ? { ...state, trial: "stands" } : state;
  return finish(settled, at, { type: "answered", rung: "single", ask: id });
}

/** The single model's answer does not do. */
export function askPanel(state: CourseState, at: number): Step {
  return startLayer({ ...state, trial: "failed" }, at, 0);
}

/** The panel is done and there is something to compare. */
export function settlePanel(state: CourseState, at: number): Step {
  const { mode = "synthesize" } = state.plan;
  switch (mode) {
    case "vote":
    case "consensus":
      return [{ ...state, phase: "deciding" }, [{ type: "decide", by: mode }]];
    case "synthesize":
    case "select":
    case "cascade":
      return startStage(state, at, "judge");
    default:
      return mode satisfies never;
  }
}

/** The panel's answers have been counted or compared. A tie, or no agreement, goes to the judge. */
export function decided(state: CourseState, at: number, slot: number | null): Step {
  if (state.phase !== "deciding") return [state, []];
  if (slot === null) return startStage(state, at, "judge");
  const what = state.plan.mode === "vote" ? "voted" : "agreed";
  return finish(noted(state, at, what), at, { type: "answered", rung: "fused", slot });
}

export function judged(state: CourseState, { at, analysis, slot }: AnsweredAsk): Step {
  if (judgeSelects(state.plan) && slot !== undefined) {
    return finish(noted(state, at, "selected"), at, { type: "answered", rung: "fused", slot });
  }
  return startStage({ ...state, analysis: analysis ?? null }, at, "synthesis");
}

/** The judge has failed: a synthesis can do without, a selection cannot. */
export function unjudged(state: CourseState, at: number, otherwise: FailedEnding): Step {
  return judgeSelects(state.plan)
    ? finish(state, at, { type: "answered", rung: "best_answer", otherwise })
    : startStage(state, at, "synthesis");
}

/** The synthesizer has answered; a one-sided answer is written once more, where there is time. */
export function written(
  state: CourseState,
  { id, startAt }: AskRecord,
  { at, oneSided = false }: AnsweredAsk,
): Step {
  const rung = state.analysis ? "fused" : "no_judge";
  const isTime = state.plan.deadlineAt - at >= at - startAt;
  if (!oneSided || state.draft || state.streaming || !isTime) {
    return finish(state, at, { type: "answered", rung, ask: id });
  }
  const drafted = { ...noted(state, at, "one_sided"), draft: { ask: id, rung } } as const;
  return startStage(drafted, at, "synthesis");
}
