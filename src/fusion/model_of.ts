/**
 * Model of an ask: which configured model each ask of a run goes to, the slot's own or the one that
 * stands in for it. The call is addressed by it, and what it cost is put down to it.
 * @module
 */
import type { AskRecord } from "./course_state.ts";
import type { ModelRef, Profile } from "./profile.ts";
import type { RunPlan } from "./run_plan.ts";

type Slot = Pick<AskRecord, "stage" | "slot" | "target">;

interface Models {
  readonly request: { readonly profile: Pick<Profile, "router" | "aggregator"> };
  readonly plan: Pick<RunPlan, "panel" | "single" | "singleFallback">;
}

export function modelOf({ stage, slot, target }: Slot, models: Models): ModelRef {
  const [primary, fallback] = modelsOf({ stage, slot }, models);
  return target === "fallback" && fallback ? fallback : primary;
}

function modelsOf(
  { stage, slot }: Omit<Slot, "target">,
  { request, plan }: Models,
): readonly [ModelRef, ModelRef?] {
  const { router, aggregator } = request.profile;
  switch (stage) {
    case "router":
      return [router.classifierModel ?? router.singleModel];
    case "panel": {
      const { member } = plan.panel[slot]!;
      return [member, member.fallback];
    }
    case "judge":
      return [aggregator.judge, aggregator.judgeFallback];
    case "synthesis":
      return [aggregator.synthesizer, aggregator.synthesizerFallback];
    case "single":
      return [plan.single, plan.singleFallback];
    default:
      return stage satisfies never;
  }
}
