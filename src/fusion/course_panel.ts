/**
 * Course of the panel: when a layer is done, and what follows: the next layer, the judge, an only
 * answer as it is, or the end of a run without its quorum. Pure.
 * @module
 */
import type { CourseState, Step } from "./course_state.ts";
import { lastAskBySlot, layerAsks } from "./course_state.ts";
import {
  CLEAR_PANEL_TIMERS,
  closeOpen,
  finish,
  noted,
  startLayer,
  startStage,
} from "./course_moves.ts";
import { decidingFailure, quorumMessage } from "./panel_failure.ts";
import { graceMs, panelStanding } from "./quorum.ts";

export function afterMember(state: CourseState, at: number): Step {
  const { plan, answers } = state;
  const open = layerAsks(state).filter((each) => each.status === "open").length;
  switch (panelStanding({ answered: answers.length, open, minQuorum: plan.minQuorum })) {
    case "complete":
      return closeLayer(state, at);
    case "quorum": {
      if (state.shareOver) return closeLayer(state, at);
      if (state.quorumAt !== null) return [state, []];
      const wait = graceMs(at - state.layerStartedAt, plan.graceMs);
      return [
        { ...noted(state, at, "quorum"), quorumAt: at },
        [{ type: "set_timer", timer: "grace", at: at + wait }],
      ];
    }
    case "waiting":
      return [state, []];
    case "impossible":
      return belowQuorum(state, at, "impossible");
  }
}

/** The layer is done with a quorum: the next layer, the judge, or an only answer as it is. */
export function closeLayer(state: CourseState, at: number): Step {
  const [settled, effects] = closeOpen(noted(state, at, "panel_closed"), at, "cancelled");
  const next: CourseState = { ...settled, layerAnswers: state.answers };
  const [after, more] = next.layerAnswers.length > 1 && state.layer + 1 < state.plan.layers
    ? startLayer(next, at, state.layer + 1)
    : afterPanel(next, at);
  return [after, [...effects, ...CLEAR_PANEL_TIMERS, ...more]];
}

function afterPanel(state: CourseState, at: number): Step {
  if (state.layerAnswers.length === 1) {
    return finish(state, at, { type: "answered", rung: "best_answer" });
  }
  return startStage({ ...state, phase: "judging" }, at, "judge");
}

/** The layer ends without its quorum. */
export function belowQuorum(
  state: CourseState,
  at: number,
  why: "impossible" | "panel_timeout" | "deadline",
): Step {
  const [closed, effects] = closeOpen(
    noted(state, at, "panel_closed"),
    at,
    why === "impossible" ? "cancelled" : "timeout",
  );
  const [next, more] = endBelowQuorum(closed, at, why);
  return [next, [...effects, ...CLEAR_PANEL_TIMERS, ...more]];
}

function endBelowQuorum(
  state: CourseState,
  at: number,
  why: "impossible" | "panel_timeout" | "deadline",
): Step {
  if (state.layerAnswers.length > 0) {
    // The layer before had its quorum, and a run with a quorum answers.
    if (why !== "deadline") return afterPanel(state, at);
    return finish(state, at, { type: "answered", rung: "best_answer" });
  }
  if (state.plan.belowQuorum === "best_answer" && state.answers.length > 0) {
    return finish({ ...state, layerAnswers: state.answers }, at, {
      type: "answered",
      rung: "best_answer",
    });
  }
  const failure = decidingFailure(lastAskBySlot(state));
  return finish(state, at, {
    type: "failed",
    reason: why === "deadline" ? "deadline_exceeded" : "panel_quorum_not_met",
    message: quorumMessage(state.answers.length, state.plan.minQuorum, why),
    ...(failure ? { failure } : {}),
  });
}
