/**
 * Stand-in: the panel's best answer in the place of a synthesis that did not come about, in the form
 * that the client asked for and under the limits that it set. Pure.
 * @module
 */
import type { CourseState } from "./course_state.ts";
import { bestAnswer } from "./degrade.ts";
import { asFinalText } from "./final_text.ts";
import type { Choice, Delta } from "./outcome.ts";
import type { RunParts } from "./run_asks.ts";

export interface StandIn {
  readonly text: string;
  readonly choices: readonly Choice[];
  /** The same as a stream. */
  readonly deltas: readonly Delta[];
}

/** @throws RangeError when no member has answered. */
export function standIn(state: CourseState, { request, references }: RunParts): StandIn {
  const best = bestAnswer(references.prepared(state), references.reliability(state));
  const answer = state.layerAnswers.find(({ slot }) => slot === best)?.text ?? "";
  const { text, finishReason } = asFinalText(answer, request.request);
  return {
    text,
    choices: [{
      index: 0,
      message: { role: "assistant", content: text, refusal: null },
      logprobs: null,
      finish_reason: finishReason,
    }],
    deltas: [
      { choices: [{ index: 0, delta: { content: text }, finish_reason: null }] },
      { choices: [{ index: 0, delta: {}, finish_reason: finishReason }] },
    ],
  };
}
