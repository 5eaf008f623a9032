/**
 * Trace: what happened in a run, as a client that asked for it gets it: the `fusion` object of a
 * response, in the outside's snake_case. It names configured models; it holds no prompt.
 * @module
 */
import type { Answered } from "../fusion/outcome.ts";
import { usageBody } from "../openai/usage_body.ts";

/** The `fusion` object. Times are milliseconds since the run's start, costs are US dollars. */
export function traceBody(answered: Answered) {
  const { route, outcome, trace } = answered;
  return {
    route,
    outcome,
    router: trace.router ?? null,
    panel: trace.panel.map((member) => ({
      label: member.label,
      model: member.model,
      layer: member.layer,
      status: member.status,
      ...(member.cause ? { cause: member.cause } : {}),
      start_ms: rounded(member.startMs),
      ms: rounded(member.ms),
      usage: usageBody(member.usage),
      share: member.share ?? null,
    })),
    analysis: trace.analysis ?? null,
    stages: trace.stages.map((stage) => ({
      stage: stage.stage,
      start_ms: rounded(stage.startMs),
      ms: rounded(stage.ms),
      usage: usageBody(stage.usage),
      cost_usd: stage.costUsd,
    })),
    moments: trace.moments.map(({ atMs, what }) => ({ at_ms: rounded(atMs), what })),
    usage_by_stage: Object.fromEntries(
      trace.stages.map((stage) => [stage.stage, usageBody(stage.usage)]),
    ),
    cost_usd: trace.costUsd,
    dominant_share: trace.dominantShare,
    over_max_share: trace.overMaxShare ?? false,
    injections: trace.injections ?? 0,
    seed: trace.seed,
  };
}

/** To microseconds: more digits would be noise. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
