/**
 * Run plan: what a run request comes to before anything is asked: the course's plan, the calls of
 * the panel and the conversation as text.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { toolsDescription } from "../openai/tool_description.ts";
import { hasToolTurns, withoutToolTurns } from "../openai/tool_turns.ts";
import { conversationText, prependSystem } from "./conversation.ts";
import type { CoursePlan } from "./course_state.ts";
import { finalOnly } from "./final_only.ts";
import { panelPlan, type PlannedCall } from "./panel_plan.ts";
import type { Stage } from "./outcome.ts";
import type { ModelRef } from "./profile.ts";
import type { RunRequest } from "./run_request.ts";
import { type ToolsMode, toolsMode } from "./tools_mode.ts";

export interface RunPlan {
  readonly course: CoursePlan;
  /** JSON text of the caller's messages. */
  readonly conversation: string;
  /** The same for those who are given no tools: they are told of them, past calls are text. */
  readonly told: string;
  readonly panel: readonly PlannedCall[];
  /** Who answers on the single route. */
  readonly single: ModelRef;
  /** Who answers there when that one has failed. */
  readonly singleFallback?: ModelRef;
  readonly tools: ToolsMode;
}

/** A classifier that thinks longer costs more than it saves. */
const CLASSIFIER_TIMEOUT_MS = 10_000;

export interface RunPlanOptions {
  /** How long one call to a backend may take. */
  readonly timeoutMsOf: (backend: string) => number;
  readonly health: {
    readonly options: { readonly retry: Omit<NonNullable<CoursePlan["retry"]>, "seed"> };
    /** After how long a model is usually done; undefined where slow calls are not made twice. */
    hedgeAfterMs(model: ModelRef, stage: Stage): number | undefined;
  };
  readonly seed: string;
}

export function planRun(
  { profile, request, route, why, stream, startedAt, deadlineAt }: RunRequest,
  { timeoutMsOf, health, seed }: RunPlanOptions,
): RunPlan {
  const tools = toolsMode(profile, request);
  const panel = panelPlan(profile, request);
  const { router, aggregator } = profile;
  const conversation = conversationText(request.messages);
  // Where the synthesizer has called the tools, it also reads their results.
  const [single, singleFallback] = why === "tool_step" && profile.tools.policy !== "bypass"
    ? [aggregator.synthesizer, aggregator.synthesizerFallback]
    : [router.singleModel, router.singleFallback];
  const { minQuorum, timeoutMs, graceMs, belowQuorum } = profile.panel;
  const timeoutOf = (model?: ModelRef) => model && timeoutMsOf(model.backend);
  const classifier = router.classifierModel ?? router.singleModel;
  // Where a panel answer cannot be the final one, there is nothing to choose among.
  const standsAlone = finalOnly(request, tools).length === 0;
  return {
    conversation,
    told: toldOfTools(request, conversation),
    panel,
    single,
    ...(singleFallback ? { singleFallback } : {}),
    tools,
    course: {
      route,
      startedAt,
      deadlineAt,
      threshold: router.threshold,
      slots: panel.length,
      // Calls are for the caller to make, not for a further layer to discuss.
      layers: tools === "first_call" ? 1 : aggregator.layers,
      mergesCalls: tools === "first_call",
      standsAlone,
      mode: standsAlone || aggregator.mode === "cascade" ? aggregator.mode : "synthesize",
      minQuorum,
      panelTimeoutMs: timeoutMs,
      ...(graceMs === undefined ? {} : { graceMs }),
      belowQuorum,
      memberTimeoutMs: panel.map(({ member }) => timeoutMsOf(member.backend)),
      callTimeoutMs: {
        router: Math.min(CLASSIFIER_TIMEOUT_MS, timeoutMsOf(classifier.backend)),
        judge: timeoutMsOf(aggregator.judge.backend),
        synthesis: timeoutMsOf(aggregator.synthesizer.backend),
        single: timeoutMsOf(single.backend),
      },
      fallbackTimeoutMs: {
        members: panel.map(({ member }) => timeoutOf(member.fallback)),
        stages: {
          judge: timeoutOf(aggregator.judgeFallback),
          synthesis: timeoutOf(aggregator.synthesizerFallback),
          single: timeoutOf(singleFallback),
        },
      },
      hedgeAfterMs: {
        members: panel.map(({ member }) => health.hedgeAfterMs(member, "panel")),
        stages: {
          judge: health.hedgeAfterMs(aggregator.judge, "judge"),
          // Of a stream there is one writer: a second one's words cannot be put in its place.
          ...(stream ? {} : {
            synthesis: health.hedgeAfterMs(aggregator.synthesizer, "synthesis"),
            single: health.hedgeAfterMs(single, "single"),
          }),
        },
      },
      retry: { ...health.options.retry, seed },
    },
  };
}

function toldOfTools(request: ChatRequest, conversation: string): string {
  const plain = hasToolTurns(request.messages)
    ? conversationText(withoutToolTurns(request.messages))
    : conversation;
  const description = toolsDescription(request);
  return description === null ? plain : prependSystem(plain, description);
}
