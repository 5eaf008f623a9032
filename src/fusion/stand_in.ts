/**
 * Stand-in: the panel's best answer in the place of a synthesis that did not come about, in the form
 * that the client asked for and under the limits that it set. Where it cannot have that form, there
 * is none. Pure.
 * @module
 */
import { readFormat } from "../openai/response_format.ts";
import { checkAnswer } from "./answer_format.ts";
import { callsAnswer } from "./calls_answer.ts";
import type { CourseState, Ending, FailedEnding, PanelText } from "./course_state.ts";
import { bestAnswer } from "./degrade.ts";
import { finalOnly } from "./final_only.ts";
import { asFinalText } from "./final_text.ts";
import type { StandIn } from "./outcome.ts";
import type { RunParts } from "./run_asks.ts";

type AnsweredEnding = Extract<Ending, { type: "answered" }>;

/**
 * The answer of a run that ends without a synthesis: the calls that a quorum has made, the answer
 * that was chosen, or the best one; or, where that cannot have the form that is asked for, how the run fails instead.
 */
export function finalWithoutSynthesis(
  { calls, slot, otherwise }: AnsweredEnding,
  state: CourseState,
  run: RunParts,
): StandIn | { readonly failed: FailedEnding } {
  const { request: { request }, references: { options: { seed } } } = run;
  if (calls) return callsAnswer(calls, { request, seed });
  const found = standIn(state, { ...run, slot });
  return "unfit" in found ? { failed: withoutStandIn(found.unfit, otherwise) } : found;
}

function withoutStandIn(
  unfit: readonly string[],
  otherwise: FailedEnding | undefined,
): FailedEnding {
  const why = `a panel answer cannot stand in for it, for it was written without ${
    unfit.join(", ")
  }`;
  return otherwise
    ? { ...otherwise, message: `${otherwise.message}; ${why}` }
    : { type: "failed", reason: "upstream_error", message: `No final answer was written; ${why}` };
}

/** Why no panel answer can stand in: the parameters that it was written without. */
interface Unfit {
  readonly unfit: readonly string[];
}

/** @throws RangeError when no member has answered. */
function standIn(
  state: CourseState,
  { slot, ...run }: RunParts & { readonly slot: number | undefined },
): StandIn | Unfit {
  const { references, request: { request }, plan } = run;
  const best = slot ?? bestAnswer(references.prepared(state), references.reliability(state));
  const answer = state.layerAnswers.find(({ slot }) => slot === best);
  const format = readFormat(request);
  const checked = format && checkAnswer(answer?.text ?? "", format);
  const unfit = finalOnly(request, plan.tools).filter((name) =>
    !(name === "response_format" && checked?.type === "fits") &&
    !(name === "tool_choice" && answer?.calls)
  );
  if (unfit.length > 0) return { unfit };
  if (answer?.calls) return callsAnswer(answer.calls, { request, seed: references.options.seed });
  return textAnswer(checked?.type === "fits" ? { ...answer, text: checked.text } : answer, run);
}

function textAnswer(answer: Partial<PanelText> | undefined, { request }: RunParts): StandIn {
  const { text, finishReason } = asFinalText(answer?.text ?? "", request.request);
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
