/**
 * Run references: the panel's answers as the stages of one run read them: prepared once for each
 * layer, and for each stage under labels and in an order of its own. It remembers what it has
 * prepared, and knows which label stood for whom when the judge speaks.
 * @module
 */
import { type Analysis, relabel } from "./analysis.ts";
import type { CourseState } from "./course_state.ts";
import type { PlannedCall } from "./panel_plan.ts";
import type { Profile } from "./profile.ts";
import {
  type PreparedReference,
  prepareReferences,
  type StagedReferences,
  stageReferences,
} from "./references.ts";

export interface RunReferencesOptions {
  readonly aggregator: Profile["aggregator"];
  readonly panel: readonly PlannedCall[];
  /** What labels, orders and fences are drawn from. */
  readonly seed: string;
}

export class RunReferences {
  #of: CourseState["layerAnswers"] = [];
  #prepared: readonly PreparedReference[] = [];
  #judged: StagedReferences | undefined;

  constructor(readonly options: RunReferencesOptions) {}

  /** The answers of the last layer that had its quorum. */
  prepared({ layerAnswers }: CourseState): readonly PreparedReference[] {
    if (this.#of === layerAnswers) return this.#prepared;
    const { aggregator, panel } = this.options;
    this.#of = layerAnswers;
    this.#prepared = prepareReferences(
      layerAnswers.map(({ slot, target, text }) => {
        const { member } = panel[slot]!;
        const { model } = target === "fallback" ? member.fallback ?? member : member;
        return { slot, text, model };
      }),
      {
        anonymize: aggregator.anonymizeSources,
        normalizeLength: aggregator.normalizeLength,
        maxReferenceChars: aggregator.maxReferenceChars,
        names: panel.flatMap(({ member }) => [
          member.model,
          ...(member.fallback ? [member.fallback.model] : []),
        ]),
      },
    );
    return this.#prepared;
  }

  /** The same for the same stage, should it be asked again. */
  staged(state: CourseState, stage: string): StagedReferences {
    const staged = stageReferences(this.prepared(state), { seed: this.options.seed, stage });
    if (stage === "judge") this.#judged = staged;
    return staged;
  }

  /** The judge's analysis with other names for the members than the judge knew them by. */
  analysis({ analysis }: CourseState, nameOf: (slot: number) => string): Analysis | null {
    if (!analysis || !this.#judged) return null;
    return relabel(
      analysis,
      new Map(this.#judged.order.map(({ slot, label }) => [label, nameOf(slot)])),
    );
  }

  /** How far the judge trusts each slot's answer, 0 to 1; empty without a judge. */
  reliability({ analysis }: CourseState): ReadonlyMap<number, number> {
    return new Map(
      this.#judged?.order.flatMap(({ slot, label }) => {
        const score = analysis?.reliability[label];
        return score === undefined ? [] : [[slot, score] as const];
      }),
    );
  }
}
