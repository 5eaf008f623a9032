/**
 * Told: what the answers of judge and synthesizer, and the panel's own, come to for the course of the
 * run: which answer is settled on, and what is wrong with one that has been written. Pure.
 * @module
 */
import type { JudgeAnswer } from "../protocol/judge.ts";
import type { SynthesisAnswer } from "../protocol/synthesis.ts";
import type { Analysis } from "./analysis.ts";
import type { CourseEvent, CourseState } from "./course_state.ts";
import { consensusAnswer, selectedAnswer, votedAnswer } from "./modes.ts";
import type { RunParts } from "./run_asks.ts";
import { isOneSided } from "./settle.ts";
import { trialFault } from "./trial.ts";

/** What an answer tells the course. */
export type Told = Omit<Extract<CourseEvent, { type: "answered" }>, "type" | "at" | "ask">;

export function toldByJudge(
  answer: JudgeAnswer,
  state: CourseState,
  { references }: RunParts,
): Told {
  const { usage } = answer;
  switch (answer.task) {
    case "analyse":
      // Checked in the worker, which knows its schema; the protocol has seen an object.
      return { usage, analysis: answer.analysis as unknown as Analysis };
    case "select": {
      const picked = references.slotsOf(answer.picks);
      return { usage, slot: selectedAnswer(picked, references.prepared(state)) };
    }
    default:
      return answer satisfies never;
  }
}

/** What shows in a written answer that may keep it from being the final one. */
export function toldByWriter(
  answer: SynthesisAnswer,
  state: CourseState,
  run: RunParts & { readonly stage: "synthesis" | "single" },
): Told {
  const { usage } = answer;
  if (run.stage === "synthesis") return { usage, oneSided: isOneSided(answer, state, run) };
  const fault = state.trial === "open" ? trialFault(answer, run.request.request) : null;
  return fault === null ? { usage } : { usage, fault };
}

/** The slot that the panel has settled on by itself, or null. */
export function settledOn(
  by: "vote" | "consensus",
  state: CourseState,
  { request, references }: RunParts,
): number | null {
  const prepared = references.prepared(state);
  return by === "vote"
    ? votedAnswer(prepared)
    : consensusAnswer(prepared, request.profile.aggregator.consensusThreshold);
}
