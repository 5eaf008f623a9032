/**
 * Run plan: what a run request comes to before anything is asked: the course's plan, the calls of
 * the panel and the conversation as text.
 * @module
 */
import { conversationText } from "./conversation.ts";
import type { CoursePlan } from "./course_state.ts";
import { panelPlan, type PlannedCall } from "./panel_plan.ts";
import type { RunRequest } from "./run_request.ts";

export interface RunPlan {
  readonly course: CoursePlan;
  /** JSON text of the caller's messages. */
  readonly conversation: string;
  readonly panel: readonly PlannedCall[];
}

/** A classifier that thinks longer costs more than it saves. */
const CLASSIFIER_TIMEOUT_MS = 10_000;

/** @param options.timeoutMsOf how long one call to a backend may take */
export function planRun(
  { profile, request, route, startedAt, deadlineAt }: RunRequest,
  { timeoutMsOf }: { timeoutMsOf: (backend: string) => number },
): RunPlan {
  const panel = panelPlan(profile, request);
  const { router, aggregator } = profile;
  const { minQuorum, timeoutMs, graceMs, belowQuorum } = profile.panel;
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
    },
  };
}
