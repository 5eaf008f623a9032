/**
 * Settle: what a run's last state comes to: the outcome with its usage, its costs and its trace.
 * Pure.
 * @module
 */
import type { Usage } from "../protocol/call.ts";
import { relabel } from "./analysis.ts";
import { type AskRecord, type CourseState, type Ending, lastAskBySlot } from "./course_state.ts";
import { stageTraces, totalUsage, usageByModel } from "./ledger.ts";
import type { Answered, Choice, MemberTrace, Outcome, Route, RunTrace } from "./outcome.ts";
import type { PlannedCall } from "./panel_plan.ts";
import type { PreparedReference, StagedReferences } from "./references.ts";
import type { RunRequest } from "./run_request.ts";
import { measureShares, type Shares } from "./share.ts";

/** What the client gets, whoever wrote it. */
export interface FinalAnswer {
  readonly choices: readonly object[];
  readonly text: string;
  readonly systemFingerprint?: string;
  readonly serviceTier?: string;
}

export interface SettleOptions {
  readonly request: RunRequest;
  readonly panel: readonly PlannedCall[];
  readonly seed: string;
  readonly references: readonly PreparedReference[];
  readonly judged: StagedReferences | undefined;
  readonly final: FinalAnswer | undefined;
  readonly costUsdOf: (model: string, usage: Usage) => number;
}

export function settle(state: CourseState, ending: Ending, options: SettleOptions): Outcome {
  const { final, references, costUsdOf } = options;
  const route: Route = routeOf(state);
  const shares = final && references.length > 1 ? measureShares(final.text, references) : undefined;
  const byModel = usageByModel(state.asks, { costUsdOf, modelOf: (ask) => modelOf(ask, options) });
  const settled = {
    route,
    usage: totalUsage(state.asks),
    usageByModel: byModel,
    trace: {
      seed: options.seed,
      ...(state.plan.route === "classify"
        ? { router: { score: state.score, decision: route } }
        : {}),
      panel: memberTraces(state, options, shares),
      analysis: analysisByMember(state, options.judged),
      stages: stageTraces(state.asks, { byModel, startedAt: state.plan.startedAt }),
      moments: state.moments,
      costUsd: byModel.reduce((sum, each) => sum + each.costUsd, 0),
      dominantShare: shares?.dominant ?? null,
    } satisfies RunTrace,
  };
  if (ending.type === "failed") {
    return {
      ...settled,
      type: "failed",
      reason: ending.reason,
      message: ending.message,
      ...(ending.failure ? { failure: ending.failure } : {}),
      members: lastAskBySlot(state).map((ask) => ({
        label: memberLabel(ask.slot),
        reason: ask.status === "open" ? "cancelled" : ask.status,
      })),
    };
  }
  return {
    ...settled,
    type: "answered",
    outcome: ending.rung,
    choices: (final?.choices ?? []) as readonly Choice[],
    ...(final?.systemFingerprint ? { systemFingerprint: final.systemFingerprint } : {}),
    ...(final?.serviceTier ? { serviceTier: final.serviceTier } : {}),
  } satisfies Answered;
}

/** How traces and errors name a member: by its place in the panel, never by its model. */
export function memberLabel(slot: number): string {
  return `M${slot + 1}`;
}

function routeOf({ plan, phase, asks }: CourseState): Route {
  if (plan.route !== "classify") return plan.route;
  return phase === "single" || asks.some((ask) => ask.stage === "single") ? "single" : "fuse";
}

function modelOf({ stage, slot }: AskRecord, { request, panel }: SettleOptions): string {
  const { router, aggregator } = request.profile;
  switch (stage) {
    case "router":
      return (router.classifierModel ?? router.singleModel).id;
    case "panel":
      return panel[slot]!.member.id;
    case "judge":
      return aggregator.judge.id;
    case "synthesis":
      return aggregator.synthesizer.id;
    case "single":
      return router.singleModel.id;
    default:
      return stage satisfies never;
  }
}

function memberTraces(
  state: CourseState,
  { panel }: SettleOptions,
  shares: Shares | undefined,
): readonly MemberTrace[] {
  const { startedAt } = state.plan;
  const used = new Set(state.layerAnswers.map(({ slot }) => slot));
  return state.asks.filter((ask) => ask.stage === "panel").map((ask) => {
    const share = used.has(ask.slot) && ask.status === "answered" && ask.layer === state.layer
      ? shares?.shares.get(ask.slot)
      : undefined;
    return {
      label: memberLabel(ask.slot),
      model: panel[ask.slot]!.member.id,
      layer: ask.layer,
      status: ask.status === "open" ? "cancelled" : ask.status,
      startMs: ask.startAt - startedAt,
      ms: (ask.endAt ?? ask.startAt) - ask.startAt,
      usage: ask.usage,
      ...(share === undefined ? {} : { share }),
    };
  });
}

/** The judge's analysis with each reference named as its member is in the trace. */
function analysisByMember({ analysis }: CourseState, judged: StagedReferences | undefined) {
  if (!analysis || !judged) return null;
  return relabel(
    analysis,
    new Map(judged.order.map(({ slot, label }) => [label, memberLabel(slot)])),
  );
}
