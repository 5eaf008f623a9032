/**
 * Course: the life of one run as a pure transition, `step(state, event) -> [state, effects]`. No
 * clock, no port, no fetch: the shell in actors/coordinator.ts performs the effects and sends back
 * what comes of them. Gate, panel layers, judge, synthesis; quorum, grace, deadlines; and the ladder
 * down which a run with a quorum always answers: fused, without analysis, best answer.
 * @module
 */
import {
  type AskRecord,
  type CourseEvent,
  type CoursePlan,
  type CourseState,
  type Ending,
  openAsks,
  type Step,
} from "./course_state.ts";
import { ask, closeOpen, finish, noted, replaced, startLayer, startStage } from "./course_moves.ts";
import { afterMember, belowQuorum, closeLayer } from "./course_panel.ts";
import { addUsage } from "./usage.ts";

/** A worker that dies takes an ask with it; the ask is made again this often. */
const CRASH_RETRIES = 1;

export function newCourse(plan: CoursePlan): CourseState {
  return {
    plan,
    phase: "new",
    layer: 0,
    layerStartedAt: plan.startedAt,
    answers: [],
    layerAnswers: [],
    quorumAt: null,
    shareOver: false,
    analysis: null,
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
    case "first_delta":
      return [{ ...noted(state, event.at, "first_delta"), streaming: true }, []];
    case "timer":
      return state.phase === "done" ? [state, []] : rang(state, event);
    case "cancel":
      if (state.phase === "done") return [state, []];
      return finish(state, event.at, {
        type: "failed",
        reason: "cancelled",
        message: "The request was cancelled",
      });
    default:
      return event satisfies never;
  }
}

function start(state: CourseState, at: number): Step {
  const { plan } = state;
  const deadline = { type: "set_timer", timer: "deadline", at: plan.deadlineAt } as const;
  const [next, effects] = plan.route === "fuse"
    ? startLayer(state, at, 0)
    : plan.route === "single"
    ? startStage({ ...state, phase: "single" }, at, "single")
    : startStage({ ...state, phase: "routing" }, at, "router");
  return [next, [deadline, ...effects]];
}

// ---- What comes back

function ended(
  state: CourseState,
  event: Extract<CourseEvent, { type: "answered" | "failed" }>,
): Step {
  const record = state.asks.find((each) => each.id === event.ask);
  if (!record) return [state, []];
  const spent = { ...record, usage: addUsage(record.usage, event.usage) };
  if (record.status !== "open") {
    // Late: the run has moved on without it. What it cost still counts.
    return [replaced(state, spent), []];
  }
  const settled: AskRecord = event.type === "answered"
    ? { ...spent, status: "answered", endAt: event.at }
    : { ...spent, status: event.failure.code, failure: event.failure, endAt: event.at };
  const next = replaced(state, settled);
  if (event.type === "answered") return answered(next, record, event);
  if (mayRetry(next, settled)) {
    const { stage, slot, attempt } = record;
    const timeoutAt = stage === "panel"
      ? next.layerStartedAt + next.plan.panelTimeoutMs
      : event.at + next.plan.callTimeoutMs[stage];
    return ask(next, event.at, { stage, slot, attempt: attempt + 1, timeoutAt });
  }
  return failed(next, settled, event.at);
}

function mayRetry(state: CourseState, record: AskRecord): boolean {
  return record.status === "crashed" && record.failure?.retryable === true &&
    record.attempt < CRASH_RETRIES && !state.streaming;
}

function answered(
  state: CourseState,
  record: AskRecord,
  event: Extract<CourseEvent, { type: "answered" }>,
): Step {
  switch (record.stage) {
    case "router":
      return routed({ ...state, score: event.score ?? null }, event.at);
    case "panel": {
      const answer = { slot: record.slot, text: event.text ?? "" };
      return afterMember({ ...state, answers: [...state.answers, answer] }, event.at);
    }
    case "judge":
      return startStage(
        { ...state, phase: "synthesizing", analysis: event.analysis ?? null },
        event.at,
        "synthesis",
      );
    case "synthesis":
      return finish(state, event.at, {
        type: "answered",
        rung: state.analysis ? "fused" : "no_judge",
      });
    case "single":
      return finish(state, event.at, { type: "answered", rung: "single" });
    default:
      return record.stage satisfies never;
  }
}

function failed(state: CourseState, record: AskRecord, at: number): Step {
  switch (record.stage) {
    case "router":
      return routed(state, at);
    case "panel":
      return afterMember(state, at);
    case "judge":
      return startStage({ ...state, phase: "synthesizing" }, at, "synthesis");
    case "synthesis":
      if (!state.streaming) return finish(state, at, { type: "answered", rung: "best_answer" });
      return finish(state, at, brokenOff(record));
    case "single":
      return finish(state, at, brokenOff(record));
    default:
      return record.stage satisfies never;
  }
}

function brokenOff({ failure, stage }: AskRecord): Ending {
  const what = stage === "single" ? "The model's call" : "The synthesizer's call";
  return {
    type: "failed",
    reason: "upstream_error",
    message: `${what} failed: ${failure?.message ?? "no answer"}`,
    ...(failure ? { failure } : {}),
  };
}

/** Fails open: without a score the run is fused. */
function routed(state: CourseState, at: number): Step {
  const fuse = state.score === null || state.score >= state.plan.threshold;
  return fuse ? startLayer(state, at, 0) : startStage({ ...state, phase: "single" }, at, "single");
}

// ---- Time

function rang(state: CourseState, { timer, at }: Extract<CourseEvent, { type: "timer" }>): Step {
  switch (timer) {
    case "grace":
      return state.phase === "panel" ? closeLayer(noted(state, at, "grace_over"), at) : [state, []];
    case "share":
      if (state.phase !== "panel") return [state, []];
      if (state.answers.length >= state.plan.minQuorum) return closeLayer(state, at);
      return [{ ...state, shareOver: true }, []];
    case "panel":
      if (state.phase !== "panel") return [state, []];
      if (state.answers.length >= state.plan.minQuorum) return closeLayer(state, at);
      return belowQuorum(state, at, "panel_timeout");
    case "stage":
      return stageOver(state, at);
    case "deadline":
      return deadlineOver(noted(state, at, "deadline"), at);
    default:
      return timer satisfies never;
  }
}

/** A stage of one call has used up its time: its ask ends as a timeout. */
function stageOver(state: CourseState, at: number): Step {
  const [record] = openAsks(state);
  if (!record || record.stage === "panel") return [state, []];
  const [closed, effects] = closeOpen(state, at, "timeout");
  const settled = closed.asks.find((each) => each.id === record.id) ?? record;
  const [next, more] = failed(closed, settled, at);
  return [next, [...effects, ...more]];
}

function deadlineOver(state: CourseState, at: number): Step {
  if (state.phase === "panel") return belowQuorum(state, at, "deadline");
  const [closed, effects] = closeOpen(state, at, "timeout");
  const [next, more] = finish(
    closed,
    at,
    state.layerAnswers.length > 0 && !state.streaming
      ? { type: "answered", rung: "best_answer" }
      : {
        type: "failed",
        reason: "deadline_exceeded",
        message: "The deadline was over before the answer was complete",
      },
  );
  return [next, [...effects, ...more]];
}
