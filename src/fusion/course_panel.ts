/**
 * Course of the panel: when a layer is done, and what follows: the next layer, the judge, an only
 * answer as it is, or the end of a run without its quorum. Pure.
 * @module
 */
import type { ToolCall } from "../openai/tool_calls.ts";
import { settlePanel } from "./course_modes.ts";
import { agreedCalls, unanimousCalls } from "./agreed_calls.ts";
import {
  closeOpen,
  finish,
  noted,
  panelEndAt,
  startLayer,
  startStage,
  then,
} from "./course_moves.ts";
import {
  type CourseState,
  decidingAskBySlot,
  type FailedEnding,
  hasQuorum,
  openSlots,
  type Step,
} from "./course_state.ts";
import { decidingFailure, quorumMessage, type QuorumMiss } from "./panel_failure.ts";
import { graceMs, panelStanding } from "./quorum.ts";

/** What ended a layer. */
export type LayerEnd = "complete" | "grace" | "share" | QuorumMiss;

/** A member has answered or failed. */
export function afterMember(state: CourseState, at: number): Step {
  const { plan } = state;
  const wanted = plan.mergesCalls ? unanimousCalls(state.answers, plan.minQuorum) : [];
  if (wanted.length > 0) return callsAgreed(noted(state, at, "panel_closed"), at, wanted);
  const answered = state.answers.length;
  const open = openSlots(state);
  const minQuorum = state.layerAnswers.length === 0 && plan.belowQuorum === "best_answer"
    // Any answer is better than none: wait for as many as there can still be.
    ? Math.max(1, Math.min(plan.minQuorum, answered + open))
    : plan.minQuorum;
  const standing = panelStanding({ answered, open, minQuorum });
  switch (standing) {
    case "complete":
    case "impossible":
      return closeLayer(state, at, standing);
    case "quorum": {
      if (state.shareOver) return closeLayer(state, at, "share");
      if (state.quorumAt !== null) return [state, []];
      const wait = graceMs(at - state.layerStartedAt, plan.graceMs);
      return [
        { ...noted(state, at, "quorum"), quorumAt: at },
        [{ type: "set_timer", timer: "grace", at: at + wait }],
      ];
    }
    case "waiting":
      return [state, []];
    default:
      return standing satisfies never;
  }
}

/** The layer is done, with its quorum or without. */
export function closeLayer(state: CourseState, at: number, why: LayerEnd): Step {
  const cutOff = why === "panel_timeout" || why === "deadline" ? "timeout" : "cancelled";
  return then(closeOpen(noted(state, at, "panel_closed"), at, cutOff), (closed) => {
    if (hasQuorum(closed)) return aggregate({ ...closed, layerAnswers: closed.answers }, at, why);
    // The layer before had its quorum, and a run with a quorum answers.
    if (closed.layerAnswers.length > 0) return startAggregator(closed, at, why);
    return belowQuorum(closed, at, why);
  });
}

/** What a quorum wants called is the answer: nobody need judge it or write it anew. */
function callsAgreed(state: CourseState, at: number, calls: readonly ToolCall[]): Step {
  const agreed = { ...noted(state, at, "calls_agreed"), layerAnswers: state.answers };
  return finish(agreed, at, { type: "answered", rung: "no_judge", calls });
}

/** A layer has its quorum: the next layer, or what comes after the panel. */
function aggregate(state: CourseState, at: number, why: LayerEnd): Step {
  const { layer, layerAnswers, plan } = state;
  const wanted = plan.mergesCalls ? agreedCalls(layerAnswers, plan.minQuorum) : [];
  if (wanted.length > 0) return callsAgreed(state, at, wanted);
  const goOn = layer + 1 < plan.layers && layerAnswers.length > 1 && why !== "deadline" &&
    at < panelEndAt(state);
  return goOn ? startLayer(state, at, layer + 1) : startAggregator(state, at, why);
}

function startAggregator(state: CourseState, at: number, why: LayerEnd): Step {
  const { layerAnswers, plan } = state;
  const isOnly = layerAnswers.length === 1;
  // After the deadline there is no time to compare, and an only answer has nothing to be compared
  // with: it is written anew only where it cannot have the form that is asked for.
  if (why === "deadline" || (isOnly && plan.standsAlone !== false)) {
    const otherwise = quorumMissed(state, why);
    return finish(state, at, { type: "answered", rung: "best_answer", otherwise });
  }
  return isOnly ? startStage(state, at, "synthesis") : settlePanel(state, at);
}

function belowQuorum(state: CourseState, at: number, why: LayerEnd): Step {
  const { answers, plan } = state;
  const missed = quorumMissed(state, why);
  if (plan.belowQuorum !== "best_answer" || answers.length === 0) return finish(state, at, missed);
  return finish({ ...state, layerAnswers: answers }, at, {
    type: "answered",
    rung: "best_answer",
    otherwise: missed,
  });
}

function quorumMissed(state: CourseState, why: LayerEnd): FailedEnding {
  const { answers, plan } = state;
  const miss = why === "panel_timeout" || why === "deadline" ? why : "impossible";
  const failure = decidingFailure(decidingAskBySlot(state));
  return {
    type: "failed",
    reason: miss === "deadline" ? "deadline_exceeded" : "panel_quorum_not_met",
    message: quorumMessage({ answered: answers.length, minQuorum: plan.minQuorum }, miss),
    ...(failure ? { failure } : {}),
  };
}
