/**
 * Panel answers: what a simulated panel says, as references, for the tests of judge and synthesizer.
 * @module
 */
import { writeAnswer } from "../../../src/simulation/answer.ts";
import { readConversation } from "../../../src/simulation/conversation.ts";
import { seededRng } from "../../../src/simulation/rng.ts";
import type { Persona } from "../../../src/simulation/simulated_model.ts";
import type { Reference } from "../../../src/simulation/stage.ts";

export const answerOf = (question: string, persona: Persona, seed: number | string = 1): string =>
  writeAnswer(
    readConversation([{ role: "user", content: question }]),
    persona,
    seededRng(seed, persona),
  );

/** One reference per persona, labelled with its name. */
export const panelOf = (
  question: string,
  personas: readonly Persona[],
  seed: number | string = 1,
): Reference[] =>
  personas.map((persona) => ({ label: `Ref-${persona}`, text: answerOf(question, persona, seed) }));
