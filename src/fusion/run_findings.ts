/**
 * Run findings: what an answer, or the references together, tell the course of their run: an
 * analysis, a chosen slot, a reason not to take a written answer as it is. Pure.
 * @module
 */
import type { JudgeAnswer } from "../protocol/judge.ts";
import type { SynthesisAnswer } from "../protocol/synthesis.ts";
import type { Analysis } from "./analysis.ts";
import type { CourseEvent, CourseState } from "./course_state.ts";
import { consensusAnswer, selectedAnswer, votedAnswer } from "./modes.ts";
import type { Stage } from "./outcome.ts";
import type { RunParts } from "./run_asks.ts";
import { isOneSided } from "./settle.ts";
import { trialFault } from "./trial.ts";

/** What an answer tells the course. */
export type Told = Omit<Extract<CourseEvent, { type: "answered" }>, "type" | "at" | "ask">;

export function judged(answer: JudgeAnswer, state: CourseState, { references }: RunParts): Told {
  const { usage } = answer;
  switch (answer.task) {
    case "analyse":
      // Checked in the worker, which knows its schema; the protocol has seen an object.
      return { usage, analysis: answer.analysis as unknown as Analysis };
    case "select":
      return {
        usage,
        slot: selectedAnswer(references.slotsOf(answer.picks), references.prepared(state)),
      };
    default:
      return answer satisfies never;
  }
}

/** Of a written answer: also what may keep it from being the final one. */
export function written(
  answer: SynthesisAnswer,
  stage: Stage,
  { state, run }: { readonly state: CourseState; readonly run: RunParts },
): Told {
  const { usage } = answer;
  if (stage === "synthesis") return { usage, oneSided: isOneSided(answer, state, run) };
  const fault = state.trial === "open" ? trialFault(answer, run.request.request) : null;
  return fault === null ? { usage } : { usage, fault };
}

/** The slot that the references themselves decide for, or null. */
export function decided(
  by: "vote" | "consensus",
  state: CourseState,
  { request: { profile: { aggregator } }, references }: RunParts,
): number | null {
  const prepared = references.prepared(state);
  return by === "vote"
    ? votedAnswer(prepared)
    : consensusAnswer(prepared, aggregator.consensusThreshold);
}
