/**
 * Run references: the panel's answers as the stages of one run read them: prepared once for each
 * layer, and for each stage under labels and in an order of its own. It remembers what it has
 * prepared, and knows which label stood for whom when the judge speaks.
 * @module
 */
import { type Analysis, relabel, reliabilityBySlot } from "./analysis.ts";
import { anonymizer } from "./anonymity.ts";
import type { CourseState } from "./course_state.ts";
import { topReferences } from "./modes.ts";
import type { PlannedCall } from "./panel_plan.ts";
import type { Profile } from "./profile.ts";
import {
  labelsBetween,
  type PreparedReference,
  prepareReferences,
  type StagedReferences,
  stageReferences,
} from "./references.ts";
import { measureShares, type Shares } from "./share.ts";
import { estimateTokens } from "./tokens.ts";

export interface RunReferencesOptions {
  readonly aggregator: Profile["aggregator"];
  readonly panel: readonly PlannedCall[];
  /** What labels, orders and fences are drawn from. */
  readonly seed: string;
  /** The caller's, as JSON text. */
  readonly conversation: string;
}

/** What of the readers' context is for the references and the conversation; the rest is for their words. */
const READ_PART = 0.75;
/** What is left to the references at least, however long the conversation is. */
const LEAST_PART = 0.1;

export class RunReferences {
  #of: CourseState["layerAnswers"] = [];
  #prepared: readonly PreparedReference[] = [];
  #judged: StagedReferences | undefined;
  #measured: { readonly text: string; readonly of: unknown; readonly shares: Shares } | undefined;

  constructor(readonly options: RunReferencesOptions) {}

  /** The answers of the last layer that had its quorum. */
  prepared({ layerAnswers }: CourseState): readonly PreparedReference[] {
    if (this.#of === layerAnswers) return this.#prepared;
    const { aggregator, panel } = this.options;
    const maxTotalTokens = this.#roomForReferences();
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
        names: panelNames(panel),
        ...(maxTotalTokens === undefined ? {} : { maxTotalTokens }),
      },
    );
    return this.#prepared;
  }

  /** Those of {@link prepared} that reach the synthesizer, and so can be in the answer. */
  fused(state: CourseState): readonly PreparedReference[] {
    const prepared = this.prepared(state);
    const { topK } = this.options.aggregator;
    return topK === undefined ? prepared : topReferences(prepared, topK, this.reliability(state));
  }

  /** How much of `text` each of {@link fused} covers. */
  sharesIn(text: string, state: CourseState): Shares {
    const of = state.layerAnswers;
    if (this.#measured?.text !== text || this.#measured.of !== of) {
      this.#measured = { text, of, shares: measureShares(text, this.fused(state)) };
    }
    return this.#measured.shares;
  }

  /** The same for the same stage, should it be asked again. */
  staged(state: CourseState, stage: string): StagedReferences {
    const references = stage === "synthesis" ? this.fused(state) : this.prepared(state);
    return stageReferences(references, { seed: this.options.seed, stage });
  }

  judged(state: CourseState): StagedReferences {
    return this.#judged = this.staged(state, "judge");
  }

  /** The same references in the reverse order, for a judge's second reading. */
  judgedAgain(state: CourseState): StagedReferences {
    return stageReferences(this.prepared(state), {
      seed: this.options.seed,
      stage: "judge.second",
      reverseOf: this.judged(state),
    });
  }

  /** The slots that labels of the judge's stand for. */
  slotsOf(labels: readonly string[]): readonly number[] {
    const order = this.#judged?.order ?? [];
    return order.filter(({ label }) => labels.includes(label)).map(({ slot }) => slot);
  }

  /** The judge's analysis in the labels of another stage, without those that it does not show. */
  analysisFor({ analysis }: CourseState, staged: StagedReferences): Analysis | null {
    if (!analysis || !this.#judged) return null;
    return relabel(analysis, labelsBetween(this.#judged, staged));
  }

  /** The judge's analysis with other names for the members than the judge knew them by. */
  analysis({ analysis }: CourseState, nameOf: (slot: number) => string): Analysis | null {
    if (!analysis || !this.#judged) return null;
    return relabel(
      analysis,
      new Map(this.#judged.order.map(({ slot, label }) => [label, nameOf(slot)])),
    );
  }

  #roomForReferences(): number | undefined {
    const { aggregator: { contextTokens }, conversation } = this.options;
    if (contextTokens === undefined) return undefined;
    const room = contextTokens * READ_PART - estimateTokens(conversation);
    return Math.max(room, contextTokens * LEAST_PART);
  }

  /** How far the judge trusts each slot's answer, 0 to 1; empty without a judge. */
  reliability({ analysis }: CourseState): ReadonlyMap<number, number> {
    return analysis && this.#judged
      ? reliabilityBySlot(analysis, this.#judged.order)
      : new Map<number, number>();
  }
}

/** Compiles the patterns of a profile's names, which costs tens of milliseconds the first time. */
export function warmReferences({ panel: { members }, aggregator }: Profile): void {
  if (!aggregator.anonymizeSources) return;
  const names = panelNames(members.map((member) => ({ member })));
  anonymizer(names)("I'm Claude, an AI assistant made by Anthropic.");
}

/** The panel's own model names, which its answers must not bear. */
function panelNames(panel: readonly Pick<PlannedCall, "member">[]): readonly string[] {
  const names = panel.flatMap(({ member: { model, fallback } }) => [
    model,
    ...(fallback ? [fallback.model] : []),
  ]);
  // Each once, so that the samples of one model have the names that were warmed up.
  return [...new Set(names)];
}
