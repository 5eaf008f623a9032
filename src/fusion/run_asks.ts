/**
 * Run asks: what each ask of a run says: to which role it goes, the call it makes, and the one turn
 * that its stage puts after the caller's conversation. Pure.
 * @module
 */
import type { Call } from "../protocol/call.ts";
import type { JudgeAsk } from "../protocol/judge.ts";
import type { PanelAsk } from "../protocol/panel.ts";
import type { SynthesisAsk } from "../protocol/synthesis.ts";
import { appendTurns, prependSystem } from "./conversation.ts";
import { conversationTail } from "./conversation_tail.ts";
import { judgeSelects } from "./course_modes.ts";
import type { AskEffect, CourseState } from "./course_state.ts";
import { modelOf } from "./model_of.ts";
import { finalParameters, identityParameters } from "./parameters.ts";
import {
  classifierMessages,
  judgePrompt,
  refinePrompt,
  selectPrompt,
  synthesisPrompt,
} from "./prompts.ts";
import { labelsBetween, type StagedReferences } from "./references.ts";
import type { RunPlan } from "./run_plan.ts";
import type { RunReferences } from "./run_references.ts";
import type { RunRequest } from "./run_request.ts";
import { toolsNote } from "./tools_mode.ts";

export type RunAsk =
  | { readonly role: "panel_member"; readonly ask: PanelAsk }
  | { readonly role: "judge"; readonly ask: JudgeAsk }
  | { readonly role: "synthesizer"; readonly ask: SynthesisAsk };

export interface RunParts {
  readonly request: RunRequest;
  readonly plan: RunPlan;
  readonly references: RunReferences;
}

/** Tokens of the conversation's end that a classifier sees. */
const CLASSIFIER_TAIL_TOKENS = 1_500;
const ONE_SIDED =
  "nearly all of it was copied from one reference, though the others say something else. Draw on all that are right, in your own words.";

/** Tokens that a classifier may write: a number, with room for a sentence around it. */
const CLASSIFIER_MAX_TOKENS = 48;

/** Of router and judge: what a strict upstream may do without. */
const OURS_TO_DROP = ["temperature", "user", "safety_identifier"];

export function runAsk(effect: AskEffect, state: CourseState, run: RunParts): RunAsk {
  const { stage } = effect;
  switch (stage) {
    case "router":
      return { role: "panel_member", ask: { call: routerCall(effect, run) } };
    case "panel":
      return { role: "panel_member", ask: { call: memberCall(effect, state, run) } };
    case "judge":
      return { role: "judge", ask: judgeAsk(effect, state, run) };
    case "synthesis":
    case "single":
      return {
        role: "synthesizer",
        ask: { call: finalCall(effect, state, run), stream: isStreamed(state, run) },
      };
    default:
      return stage satisfies never;
  }
}

/** What may yet be refused must not reach the client word by word. */
function isStreamed({ trial }: CourseState, { request }: RunParts): boolean {
  return request.stream && trial !== "open";
}

function routerCall(effect: AskEffect, run: RunParts): Call {
  const { request } = run;
  return {
    ...addressOf(effect, run),
    messages: JSON.stringify(
      classifierMessages(conversationTail(request.request.messages, CLASSIFIER_TAIL_TOKENS)),
    ),
    params: {
      ...identityParameters(request.request),
      max_tokens: CLASSIFIER_MAX_TOKENS,
      temperature: 0,
    },
    droppable: [...OURS_TO_DROP, "parts"],
    timeoutAt: effect.timeoutAt,
  };
}

function memberCall(
  effect: AskEffect,
  state: CourseState,
  run: RunParts,
): Call {
  const { layer, slot, timeoutAt } = effect;
  const { plan, references } = run;
  const { member, params } = plan.panel[slot]!;
  const shown = plan.tools === "first_call" ? plan.conversation : plan.told;
  const conversation = member.system === undefined ? shown : prependSystem(shown, member.system);
  return {
    ...addressOf(effect, run),
    messages: layer === 0 ? conversation : withTurn(
      conversation,
      refinePrompt(references.staged(state, `refine.${layer}.${slot}`)),
    ),
    params,
    droppable: Object.keys(params),
    timeoutAt,
  };
}

function judgeAsk(
  effect: AskEffect,
  state: CourseState,
  run: RunParts,
): JudgeAsk {
  const { request, plan, references } = run;
  const { aggregator } = request.profile;
  const selects = judgeSelects(plan.course);
  const messagesFor = (staged: StagedReferences) =>
    withTurn(plan.told, selects ? selectPrompt(staged) : judgePrompt(staged, aggregator));
  const staged = references.judged(state);
  const again = selects || aggregator.judgeSwaps === 2 ? references.judgedAgain(state) : undefined;
  return {
    task: selects ? "select" : "analyse",
    labels: staged.order.map(({ label }) => label),
    call: {
      ...addressOf(effect, run),
      messages: messagesFor(staged),
      params: { ...identityParameters(request.request), temperature: 0 },
      droppable: [...OURS_TO_DROP, "parts"],
      timeoutAt: effect.timeoutAt,
    },
    ...(again && {
      second: {
        messages: messagesFor(again),
        labels: Object.fromEntries(labelsBetween(again, staged)),
      },
    }),
  };
}

/** The call whose answer the client gets. Nothing of the caller's is dropped from it in silence. */
function finalCall(
  effect: AskEffect,
  state: CourseState,
  run: RunParts,
): Call {
  const { stage, timeoutAt } = effect;
  const { request, plan, references } = run;
  const { aggregator } = request.profile;
  const fixed = {
    ...addressOf(effect, run),
    params: finalParameters(request.request),
    timeoutAt,
  };
  if (stage === "single") {
    return { messages: plan.conversation, droppable: [], ...fixed };
  }
  const staged = references.staged(state, "synthesis");
  const analysis = references.analysisFor(state, staged);
  return {
    messages: withTurn(
      plan.conversation,
      synthesisPrompt(staged, analysis, {
        ...aggregator,
        toolsNote: toolsNote(plan.tools),
        finding: state.draft ? ONE_SIDED : undefined,
      }),
    ),
    // The panel has seen them: a writer without eyes can still write from its answers.
    droppable: ["parts"],
    ...fixed,
  };
}

function addressOf(effect: AskEffect, run: RunParts): Pick<Call, "backend" | "model"> {
  const { backend, model } = modelOf(effect, run);
  return { backend, model };
}

function withTurn(conversation: string, content: string): string {
  return appendTurns(conversation, [{ role: "user", content }]);
}
