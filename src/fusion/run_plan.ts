/**
 * Run plan: what a run request comes to before anything is asked: the course's plan, the calls of
 * the panel, and the calls of the other stages with everything but their last turn.
 * @module
 */
import type { Call } from "../protocol/call.ts";
import { analysisJsonSchema } from "./analysis.ts";
import { appendTurns, conversationText, prependSystem } from "./conversation.ts";
import type { CoursePlan } from "./course_state.ts";
import { finalParameters } from "./parameters.ts";
import { panelPlan, type PlannedCall } from "./panel_plan.ts";
import type { ModelRef } from "./profile.ts";
import { classifierPrompt } from "./prompts.ts";
import type { RunRequest } from "./run_request.ts";

export interface RunPlan {
  readonly course: CoursePlan;
  readonly conversation: string;
  readonly panel: readonly PlannedCall[];
}

/** Tokens that a classifier may write: a number, with room for a sentence around it. */
const CLASSIFIER_MAX_TOKENS = 48;
const CLASSIFIER_TIMEOUT_MS = 10_000;

export function planRun(
  { profile, request, route, startedAt, deadlineAt }: RunRequest,
  { timeoutMsOf }: { timeoutMsOf: (backend: string) => number },
): RunPlan {
  const panel = panelPlan(profile, request);
  const { router, aggregator } = profile;
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
      minQuorum: profile.panel.minQuorum,
      panelTimeoutMs: profile.panel.timeoutMs,
      ...(profile.panel.graceMs === undefined ? {} : { graceMs: profile.panel.graceMs }),
      belowQuorum: profile.panel.belowQuorum,
      callTimeoutMs: {
        router: Math.min(CLASSIFIER_TIMEOUT_MS, timeoutMsOf(classifier.backend)),
        judge: timeoutMsOf(aggregator.judge.backend),
        synthesis: timeoutMsOf(aggregator.synthesizer.backend),
        single: timeoutMsOf(router.singleModel.backend),
      },
    },
  };
}

interface Turn {
  readonly prompt?: string;
  readonly timeoutAt: number;
}

export function routerCall({ profile }: RunRequest, plan: RunPlan, { timeoutAt }: Turn): Call {
  return {
    ...target(profile.router.classifierModel ?? profile.router.singleModel),
    messages: withTurn(plan.conversation, classifierPrompt()),
    params: { max_tokens: CLASSIFIER_MAX_TOKENS, temperature: 0 },
    droppable: ["temperature"],
    timeoutAt,
  };
}

/** `prompt` is the last turn of a layer after the first. */
export function memberCall(
  { member, params }: PlannedCall,
  plan: RunPlan,
  { prompt, timeoutAt }: Turn,
): Call {
  const conversation = member.system === undefined
    ? plan.conversation
    : prependSystem(plan.conversation, member.system);
  return {
    ...target(member),
    messages: withTurn(conversation, prompt),
    params,
    droppable: Object.keys(params),
    timeoutAt,
  };
}

export function judgeCall(
  { profile }: RunRequest,
  plan: RunPlan,
  { prompt, timeoutAt }: Turn,
): Call {
  return {
    ...target(profile.aggregator.judge),
    messages: withTurn(plan.conversation, prompt),
    params: {
      temperature: 0,
      response_format: { type: "json_schema", json_schema: analysisJsonSchema },
    },
    droppable: ["temperature", "response_format"],
    timeoutAt,
  };
}

/** The call whose answer the client gets. Nothing of the caller's is dropped from it in silence. */
export function finalCall(
  { profile, request }: RunRequest,
  plan: RunPlan,
  { stage, prompt, timeoutAt }: Turn & { stage: "synthesis" | "single" },
): Call {
  return {
    ...target(stage === "single" ? profile.router.singleModel : profile.aggregator.synthesizer),
    messages: withTurn(plan.conversation, prompt),
    params: finalParameters(request),
    droppable: [],
    timeoutAt,
  };
}

function target({ backend, model }: ModelRef): Pick<Call, "backend" | "model"> {
  return { backend, model };
}

function withTurn(conversation: string, prompt: string | undefined): string {
  return prompt === undefined
    ? conversation
    : appendTurns(conversation, [{ role: "user", content: prompt }]);
}
