/**
 * Course: the life of one run as a pure transition, `step(state, event) -> [state, effects]`. No
 * clock, no port, no fetch: the shell in actors/coordinator.ts performs the effects and sends back
 * what comes of them. Gate, panel layers, judge, synthesis; quorum, grace, deadlines; and the ladder
 * down which a run with a quorum always answers: fused, without analysis, best answer.
 * @module
 */
import { askAgain, hedge } from "./course_again.ts";
import {
  alone,
  askPanel,
  decided,
  judged,
  startFusion,
  unjudged,
  written,
} from "./course_modes.ts";
import {
  clearHedge,
  closeOpen,
  finish,
  noted,
  replaced,
  startStage,
  then,
} from "./course_moves.ts";
import { afterMember, closeLayer } from "./course_panel.ts";
import {
  type AskRecord,
  type CourseEvent,
  type CoursePlan,
  type CourseState,
  type FailedEnding,
  hasQuorum,
  type HedgeTimer,
  isHedgeTimer,
  openAsks,
  type Step,
} from "./course_state.ts";
import { parseDifficulty } from "./difficulty.ts";
import type { CancelReason, Stage } from "./outcome.ts";

type Terminal = Extract<CourseEvent, { type: "answered" | "failed" }>;
type AnsweredAsk = Extract<CourseEvent, { type: "answered" }>;

export function newCourse(plan: CoursePlan): CourseState {
  return {
    plan,
    phase: "new",
    layer: 0,
    layerStartedAt: plan.startedAt,
    limitAt: plan.deadlineAt,
    answers: [],
    layerAnswers: [],
    quorumAt: null,
    shareOver: false,
    analysis: null,
    draft: null,
    trial: null,
    score: null,
    streaming: false,
    asks: [],
    moments: [],
  };
}

export function step(state: CourseState, event: CourseEvent): Step {
  switch (event.type) {
    case "start":
      return state.phase === "new" ? start(state, event.at) : [state, []];
    case "answered":
    case "failed":
      return ended(state, event);
    case "decided":
      return decided(state, event.at, event.slot);
    case "first_delta":
      return [firstDelta(state, event.at), []];
    case "timer":
      return state.phase === "done" ? [state, []] : rang(state, event);
    case "cancel":
      return state.phase === "done" ? [state, []] : finish(state, event.at, {
        type: "failed",
        reason: "cancelled",
        message: CANCELLED_BECAUSE[event.reason],
      });
    default:
      return event satisfies never;
  }
}

const CANCELLED_BECAUSE: Readonly<Record<CancelReason, string>> = {
  client_left: "The client has left",
  shutdown: "The gateway is shutting down",
  broken: "The answer's stream broke",
};

function start(state: CourseState, at: number): Step {
  return then(firstStage(state, at), (next) => [next, [
    { type: "set_timer", timer: "deadline", at: state.plan.deadlineAt },
  ]]);
}

function firstStage(state: CourseState, at: number): Step {
  const { route } = state.plan;
  switch (route) {
    case "fuse":
      return startFusion(state, at);
    case "single":
      return startStage(state, at, "single");
    case "classify":
      return startStage(state, at, "router");
    default:
      return route satisfies never;
  }
}

function firstDelta(state: CourseState, at: number): CourseState {
  const { draft, phase, trial } = state;
  const writing = phase === "synthesizing" || phase === "single";
  // What may yet be refused does not reach the client.
  if (!writing || state.streaming || draft || trial === "open") return state;
  return { ...noted(state, at, "first_token"), streaming: true };
}

// ---- What comes back

function ended(state: CourseState, event: Terminal): Step {
  const record = state.asks.find((each) => each.id === event.ask);
  if (!record || record.reported) return [state, []];
  const { at, usage } = event;
  // Late: the run has moved on without it. What it cost still counts.
  if (record.status !== "open") return [replaced(state, { ...record, usage, reported: true }), []];
  const reported = { ...record, usage, reported: true, hedgeSet: false, endAt: at };
  if (event.type === "answered") {
    const settled: AskRecord = { ...reported, status: "answered" };
    return then([replaced(state, settled), clearHedge(record)], (next) =>
      // The first answer wins: whoever else was asked for the slot is not waited for.
      then(closeOpen(next, at, "cancelled", settled.slot), (won) => answered(won, settled, event)));
  }
  const { failure, overBudget = false } = event;
  const settled: AskRecord = { ...reported, status: failure.code, failure };
  return then(
    [replaced(state, settled), clearHedge(record)],
    (next) => askAgain(next, settled, { at, overBudget }) ?? failed(next, settled, at),
  );
}

function answered(
  state: CourseState,
  record: AskRecord,
  event: AnsweredAsk,
): Step {
  const { stage, layer, slot, target } = record;
  const { at, text = "", calls } = event;
  switch (stage) {
    case "router":
      return routed({ ...state, score: parseDifficulty(text) }, at);
    case "panel": {
      const answer = { layer, slot, target, text, ...(calls ? { calls } : {}) };
      return afterMember({ ...state, answers: [...state.answers, answer] }, at);
    }
    case "judge":
      return judged(state, event);
    case "synthesis":
      return written(state, record, event);
    case "single":
      return alone(state, record, event);
    default:
      return stage satisfies never;
  }
}

function failed(state: CourseState, record: AskRecord, at: number): Step {
  switch (record.stage) {
    case "router":
      return routed(state, at);
    case "panel":
      return afterMember(state, at);
    case "judge":
      return unjudged(state, at, brokenOff(record));
    case "synthesis":
      if (state.draft) return finish(state, at, { type: "answered", ...state.draft });
      if (state.streaming) return finish(state, at, brokenOff(record));
      return finish(state, at, {
        type: "answered",
        rung: "best_answer",
        otherwise: brokenOff(record),
      });
    case "single":
      return state.trial === "open" ? askPanel(state, at) : finish(state, at, brokenOff(record));
    default:
      return record.stage satisfies never;
  }
}

function brokenOff({ failure, stage }: AskRecord): FailedEnding {
  const what = CALL_OF[stage];
  return {
    type: "failed",
    reason: "upstream_error",
    message: `${what} failed: ${failure?.message ?? "its time was over"}`,
    ...(failure ? { failure } : {}),
  };
}

const CALL_OF: Readonly<Record<Stage, string>> = {
  router: "The classifier's call",
  panel: "The member's call",
  judge: "The judge's call",
  synthesis: "The synthesizer's call",
  single: "The model's call",
};

/** Fails open: without a score the run is fused. */
function routed(state: CourseState, at: number): Step {
  const fuse = state.score === null || state.score >= state.plan.threshold;
  return fuse ? startFusion(state, at) : startStage(state, at, "single");
}

// ---- Time

function rang(state: CourseState, { timer, at }: Extract<CourseEvent, { type: "timer" }>): Step {
  if (isHedgeTimer(timer)) return slow(state, timer, at);
  const inPanel = state.phase === "panel";
  switch (timer) {
    case "grace":
      return inPanel ? closeLayer(noted(state, at, "grace_over"), at, "grace") : [state, []];
    case "share":
      if (!inPanel) return [state, []];
      return hasQuorum(state)
        ? closeLayer(state, at, "share")
        : [{ ...state, shareOver: true }, []];
    case "panel":
      return inPanel ? closeLayer(state, at, "panel_timeout") : [state, []];
    case "stage":
      return inPanel ? [state, []] : stageOver(state, at);
    case "deadline":
      return deadlineOver(noted(state, at, "deadline"), at);
    default:
      return timer satisfies never;
  }
}

function slow(state: CourseState, timer: HedgeTimer, at: number): Step {
  const id = timer.slice("hedge.".length);
  const record = state.asks.find((each) => each.id === id);
  return record?.hedgeSet
    ? hedge(replaced(state, { ...record, hedgeSet: false }), id, at)
    : [state, []];
}

/** A stage of one call has used up its time: its ask ends as a timeout. */
function stageOver(state: CourseState, at: number): Step {
  const [record] = openAsks(state);
  if (!record) return [state, []];
  return then(closeOpen(state, at, "timeout"), (closed) => failed(closed, record, at));
}

function deadlineOver(state: CourseState, at: number): Step {
  if (state.phase === "panel") return closeLayer(state, at, "deadline");
  const { draft } = state;
  const answerable = state.layerAnswers.length > 0 && !state.streaming;
  const otherwise: FailedEnding = {
    type: "failed",
    reason: "deadline_exceeded",
    message: "The deadline was over before the answer was complete",
  };
  return then(closeOpen(state, at, "timeout"), (closed) =>
    finish(
      closed,
      at,
      draft
        ? { type: "answered", ...draft }
        : answerable
        ? { type: "answered", rung: "best_answer", otherwise }
        : otherwise,
    ));
}
