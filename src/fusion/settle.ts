/**
 * Settle: what a run's last state comes to: the outcome with its usage, its costs and its trace.
 * Pure.
 * @module
 */
import type { Usage } from "../protocol/call.ts";
import {
  type AskRecord,
  type CourseState,
  decidingAskBySlot,
  type Ending,
} from "./course_state.ts";
import { stageTraces, totalUsage, usageByModel } from "./ledger.ts";
import { modelOf } from "./model_of.ts";
import type { Choice, MemberTrace, Outcome, Route, RouteReason, RunTrace } from "./outcome.ts";
import { memberLabel } from "./panel_plan.ts";
import type { RunParts } from "./run_asks.ts";
import { dominantSource, type Shares } from "./share.ts";

/** What the client gets, whoever wrote it. */
export interface FinalAnswer {
  readonly choices: readonly object[];
  readonly text: string;
  readonly systemFingerprint?: string;
  readonly serviceTier?: string;
}

export interface SettleOptions extends RunParts {
  readonly seed: string;
  /** Absent where the run has failed. */
  readonly final: FinalAnswer | undefined;
  readonly costUsdOf: (model: string, usage: Usage) => number;
}

export function settle(state: CourseState, ending: Ending, options: SettleOptions): Outcome {
  const { final, request, references, costUsdOf, plan } = options;
  const route = routeOf(state);
  const shares = final && state.layerAnswers.length > 1
    ? references.sharesIn(final.text, state)
    : undefined;
  const isSynthesis = ending.type === "answered" && ending.ask !== undefined;
  const injections = state.layerAnswers.length === 0
    ? 0
    : references.prepared(state).filter(({ injection }) => injection).length;
  const byModel = usageByModel(state.asks, {
    costUsdOf,
    modelOf: (ask) => modelOf(ask, options).id,
  });
  const settled = {
    route,
    usage: totalUsage(state.asks),
    usageByModel: byModel,
    trace: {
      seed: options.seed,
      ...routerTrace(state, { why: options.request.why, route }),
      panel: memberTraces(state, options, shares),
      analysis: request.request.fusion?.trace ? references.analysis(state, memberLabel) : null,
      stages: stageTraces(state.asks, { byModel, startedAt: plan.course.startedAt }),
      moments: state.moments,
      costUsd: byModel.reduce((sum, each) => sum + each.costUsd, 0),
      dominantShare: shares?.dominant ?? null,
      overMaxShare: isSynthesis && shares !== undefined &&
        dominantSource(shares, request.profile.aggregator.maxShare) !== null,
      injections,
    },
  };
  if (ending.type === "failed") {
    const members = decidingAskBySlot(state)
      .map((ask) => ({ label: memberLabel(ask.slot), reason: statusOf(ask) }));
    return { ...settled, ...ending, members };
  }
  return {
    ...settled,
    type: "answered",
    outcome: ending.rung,
    choices: (final?.choices ?? []) as readonly Choice[],
    ...(final?.systemFingerprint ? { systemFingerprint: final.systemFingerprint } : {}),
    ...(final?.serviceTier ? { serviceTier: final.serviceTier } : {}),
  };
}

/** Whether nearly all of a synthesis is from one source, where that is to be mended. */
export function isOneSided(
  { text }: { readonly text: string },
  state: CourseState,
  { request, references }: RunParts,
): boolean {
  const { maxShare, singleSourceCap } = request.profile.aggregator;
  // A streamed answer is with the client already; a copy of an only answer is no choice.
  if (!singleSourceCap || request.stream || state.layerAnswers.length < 2) return false;
  return dominantSource(references.sharesIn(text, state), maxShare) !== null;
}

/** What was asked in the end: a classifier, or a cascade, has chosen between the two. */
function routeOf({ plan, asks }: CourseState): Route {
  const wasAsked = (stage: AskRecord["stage"]) => asks.some((ask) => ask.stage === stage);
  if (wasAsked("panel")) return "fuse";
  return wasAsked("single") || plan.route === "single" ? "single" : "fuse";
}

/** Nothing where nothing was decided: the profile always fuses. */
function routerTrace(
  { plan, score, trial }: CourseState,
  { why = "policy", route }: { why: RouteReason | undefined; route: Route },
): Pick<RunTrace, "router"> {
  if (plan.route !== "classify" && why === "policy") return {};
  // What a cascade made of it was no decision of the router's.
  const decision = trial ? "fuse" : route;
  return { router: { score, decision, ...(why === "policy" ? {} : { why }) } };
}

function memberTraces(
  { asks, layerAnswers, plan: { startedAt } }: CourseState,
  parts: RunParts,
  shares: Shares | undefined,
): readonly MemberTrace[] {
  return asks.filter(({ stage }) => stage === "panel").map((ask) => {
    const used = ask.status === "answered" &&
      layerAnswers.some(({ layer, slot }) => layer === ask.layer && slot === ask.slot);
    const share = used ? shares?.shares.get(ask.slot) : undefined;
    return {
      label: memberLabel(ask.slot),
      model: modelOf(ask, parts).id,
      layer: ask.layer,
      status: statusOf(ask),
      ...(ask.cause === "first" ? {} : { cause: ask.cause }),
      startMs: ask.startAt - startedAt,
      ms: (ask.endAt ?? ask.startAt) - ask.startAt,
      usage: ask.usage,
      ...(share === undefined ? {} : { share }),
    };
  });
}

/** A finished run has no open ask. */
function statusOf({ status }: AskRecord): MemberTrace["status"] {
  return status === "open" ? "cancelled" : status;
}
