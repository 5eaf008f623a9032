/**
 * Final answer: what a run that ends gives to its client: what the synthesizer or the single model
 * wrote, the panel's answer that was chosen, or nothing. Pure.
 * @module
 */
import type { SynthesisAnswer } from "../protocol/synthesis.ts";
import { asDeltas } from "./choice_deltas.ts";
import type { CourseState, Ending } from "./course_state.ts";
import type { Delta } from "./outcome.ts";
import type { RunParts } from "./run_asks.ts";
import type { FinalAnswer } from "./settle.ts";
import { finalWithoutSynthesis } from "./stand_in.ts";

export interface Written {
  readonly answer: SynthesisAnswer;
  /** The client has been sent it as it was written. */
  readonly streamed: boolean;
}

export interface Found {
  /** The ending as it can be had. */
  readonly ending: Ending;
  readonly final?: FinalAnswer;
  readonly streamed: boolean;
  /** What a client that reads a stream has still to be sent. */
  readonly deltas: readonly Delta[];
}

/** @param run.written by ask; some of it may not be the answer */
export function finalAnswer(
  ending: Ending,
  state: CourseState,
  { written, ...run }: RunParts & { readonly written: ReadonlyMap<string, Written> },
): Found {
  const nothing = { streamed: false, deltas: [] };
  if (ending.type === "failed") return { ending, ...nothing };
  const own = ending.ask === undefined ? undefined : written.get(ending.ask);
  if (own) {
    const { answer, streamed } = own;
    return { ending, final: answer, streamed, deltas: streamed ? [] : asDeltas(answer.choices) };
  }
  const found = finalWithoutSynthesis(ending, state, run);
  if ("failed" in found) return { ending: found.failed, ...nothing };
  const { deltas, ...final } = found;
  return { ending, final, streamed: false, deltas };
}
