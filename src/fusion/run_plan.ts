/**
 * Run plan: what a run request comes to before anything is asked: the course's plan, the calls of
 * the panel and the conversation as text.
 * @module
 */
import { conversationText } from "./conversation.ts";
import type { CoursePlan } from "./course_state.ts";
import { panelPlan, type PlannedCall } from "./panel_plan.ts";
import type { Stage } from "./outcome.ts";
import type { ModelRef } from "./profile.ts";
import type { RunRequest } from "./run_request.ts";

export interface RunPlan {
  readonly course: CoursePlan;
  /** JSON text of the caller's messages. */
  readonly conversation: string;
  readonly panel: readonly PlannedCall[];
}

/** A classifier that thinks longer costs more than it saves. */
const CLASSIFIER_TIMEOUT_MS = 10_000;

export interface RunPlanOptions {
  /** How long one call to a backend may take. */
  readonly timeoutMsOf: (backend: string) => number;
  /** After how long a model is usually done; undefined where slow calls are not made twice. */
  readonly hedgeAfterMs: (model: ModelRef, stage: Stage) => number | undefined;
  readonly retry: Omit<NonNullable<CoursePlan["retry"]>, "seed">;
  readonly seed: string;
}

export function planRun(
  { profile, request, route, stream, startedAt, deadlineAt }: RunRequest,
  { timeoutMsOf, hedgeAfterMs, retry, seed }: RunPlanOptions,
): RunPlan {
  const panel = panelPlan(profile, request);
  const { router, aggregator } = profile;
  const { minQuorum, timeoutMs, graceMs, belowQuorum } = profile.panel;
  const timeoutOf = (model?: ModelRef) => model && timeoutMsOf(model.backend);
  const classifier = router.classifierModel ?? router.singleModel;
  return {
    conversation: conversationText(request.messages),
    panel,
    course: {
      route,
      startedAt,
      deadlineAt,
      threshold: router.threshold,
      slots: panel.length,
      layers: aggregator.layers,
      minQuorum,
      panelTimeoutMs: timeoutMs,
      ...(graceMs === undefined ? {} : { graceMs }),
      belowQuorum,
      memberTimeoutMs: panel.map(({ member }) => timeoutMsOf(member.backend)),
      callTimeoutMs: {
        router: Math.min(CLASSIFIER_TIMEOUT_MS, timeoutMsOf(classifier.backend)),
        judge: timeoutMsOf(aggregator.judge.backend),
        synthesis: timeoutMsOf(aggregator.synthesizer.backend),
        single: timeoutMsOf(router.singleModel.backend),
      },
      fallbackTimeoutMs: {
        members: panel.map(({ member }) => timeoutOf(member.fallback)),
        stages: {
          judge: timeoutOf(aggregator.judgeFallback),
          synthesis: timeoutOf(aggregator.synthesizerFallback),
          single: timeoutOf(router.singleFallback),
        },
      },
      hedgeAfterMs: {
        members: panel.map(({ member }) => hedgeAfterMs(member, "panel")),
        stages: {
          judge: hedgeAfterMs(aggregator.judge, "judge"),
          // Of a stream there is one writer: a second one's words cannot be put in its place.
          ...(stream ? {} : {
            synthesis: hedgeAfterMs(aggregator.synthesizer, "synthesis"),
            single: hedgeAfterMs(router.singleModel, "single"),
          }),
        },
      },
      retry: { ...retry, seed },
    },
  };
}
