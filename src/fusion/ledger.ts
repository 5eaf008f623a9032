/**
 * Ledger: what a run's asks cost, summed for the answer, by stage for the trace, and by stage and
 * model for the metrics.
 * @module
 */
import type { Usage } from "../protocol/call.ts";
import type { AskRecord } from "./course_state.ts";
import type { Stage, StageModelUsage, StageTrace } from "./outcome.ts";
import { addUsage, NO_USAGE } from "./usage.ts";

export interface LedgerOptions {
  /** The configured id of the model that an ask went to. */
  readonly modelOf: (ask: AskRecord) => string;
  readonly costUsdOf: (model: string, usage: Usage) => number;
}

export function totalUsage(asks: readonly AskRecord[]): Usage {
  return asks.reduce((sum, ask) => addUsage(sum, ask.usage), NO_USAGE);
}

export function usageByModel(
  asks: readonly AskRecord[],
  { modelOf, costUsdOf }: LedgerOptions,
): readonly StageModelUsage[] {
  const sums = new Map<string, { stage: Stage; model: string; usage: Usage }>();
  for (const ask of asks) {
    const model = modelOf(ask);
    const key = `${ask.stage} ${model}`;
    const usage = addUsage(sums.get(key)?.usage ?? NO_USAGE, ask.usage);
    sums.set(key, { stage: ask.stage, model, usage });
  }
  return [...sums.values()].map((sum) => ({ ...sum, costUsd: costUsdOf(sum.model, sum.usage) }));
}

/** Stages in the order in which they began; instants in milliseconds since `startedAt`. */
export function stageTraces(
  asks: readonly AskRecord[],
  { byModel, startedAt }: { byModel: readonly StageModelUsage[]; startedAt: number },
): readonly StageTrace[] {
  const stages = [...new Set(asks.map((ask) => ask.stage))];
  return stages.map((stage) => {
    const own = asks.filter((ask) => ask.stage === stage);
    const startAt = Math.min(...own.map((ask) => ask.startAt));
    const endAt = Math.max(...own.map((ask) => ask.endAt ?? ask.startAt));
    return {
      stage,
      startMs: startAt - startedAt,
      ms: endAt - startAt,
      usage: totalUsage(own),
      costUsd: byModel.filter((each) => each.stage === stage)
        .reduce((sum, each) => sum + each.costUsd, 0),
    };
  });
}
