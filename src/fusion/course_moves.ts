/**
 * Course moves: what a run does, whatever made it do so: start a panel layer or a stage, ask, close
 * what is open, finish. Pure; the rules that choose among these moves are in course.ts.
 * @module
 */
import {
  type AskRecord,
  type CourseEffect,
  type CourseState,
  type Ending,
  openAsks,
  type Step,
} from "./course_state.ts";
import type { Stage } from "./outcome.ts";
import { NO_USAGE } from "./usage.ts";

/** The part of the deadline that the panel may use up; judge and synthesis keep the rest. */
const PANEL_SHARE = 0.6;
/** The part of what is then left that the judge may use up. */
const JUDGE_SHARE = 0.5;
/** The part of the deadline that the classifier may use up. */
const ROUTER_SHARE = 0.25;

export function startLayer(state: CourseState, at: number, layer: number): Step {
  const { plan } = state;
  const shareAt = plan.startedAt +
    (plan.deadlineAt - plan.startedAt) * PANEL_SHARE * (layer + 1) / plan.layers;
  const panelAt = at + plan.panelTimeoutMs;
  let next: CourseState = {
    ...state,
    phase: "panel",
    layer,
    layerStartedAt: at,
    answers: [],
    quorumAt: null,
    shareOver: false,
  };
  const effects: CourseEffect[] = [
    { type: "set_timer", timer: "share", at: shareAt },
    { type: "set_timer", timer: "panel", at: panelAt },
  ];
  for (let slot = 0; slot < plan.slots; slot++) {
    const [asked, more] = ask(next, at, { stage: "panel", slot, attempt: 0, timeoutAt: panelAt });
    next = asked;
    effects.push(...more);
  }
  return [next, effects];
}

/** Starts a stage that is one call. */
export function startStage(state: CourseState, at: number, stage: Exclude<Stage, "panel">): Step {
  const timeoutAt = at + state.plan.callTimeoutMs[stage];
  const [next, effects] = ask(state, at, { stage, slot: 0, attempt: 0, timeoutAt });
  return [next, [...effects, { type: "set_timer", timer: "stage", at: limitOf(state, at, stage) }]];
}

/** When the coordinator itself ends a stage, whatever its call says. */
function limitOf(state: CourseState, at: number, stage: Exclude<Stage, "panel">): number {
  const { startedAt, deadlineAt, callTimeoutMs } = state.plan;
  const callAt = at + callTimeoutMs[stage];
  switch (stage) {
    case "router":
      return Math.min(callAt, startedAt + (deadlineAt - startedAt) * ROUTER_SHARE);
    case "judge":
      return Math.min(callAt, at + (deadlineAt - at) * JUDGE_SHARE);
    case "synthesis":
    case "single":
      return callAt;
    default:
      return stage satisfies never;
  }
}

export function ask(
  state: CourseState,
  at: number,
  { stage, slot, attempt, timeoutAt }: {
    stage: Stage;
    slot: number;
    attempt: number;
    timeoutAt: number;
  },
): Step {
  const { layer } = state;
  const id = `${stage}.${layer}.${slot}.${attempt}`;
  const record: AskRecord = {
    id,
    stage,
    layer,
    slot,
    attempt,
    startAt: at,
    status: "open",
    usage: NO_USAGE,
  };
  return [
    { ...state, asks: [...state.asks, record] },
    [{ type: "ask", ask: id, stage, layer, slot, timeoutAt }],
  ];
}

/** Cancels every open ask and writes down why it has no answer. */
export function closeOpen(state: CourseState, at: number, status: "cancelled" | "timeout"): Step {
  const open = openAsks(state);
  if (open.length === 0) return [state, []];
  return [
    {
      ...state,
      asks: state.asks.map((each) =>
        each.status === "open" ? { ...each, status, endAt: at } : each
      ),
    },
    open.map(({ id }) => ({ type: "cancel", ask: id, reason: status })),
  ];
}

export function finish(state: CourseState, at: number, ending: Ending): Step {
  const [closed, effects] = closeOpen(state, at, "cancelled");
  return [{ ...closed, phase: "done" }, [...effects, ...CLEAR_ALL_TIMERS, {
    type: "finish",
    ending,
  }]];
}

export const CLEAR_PANEL_TIMERS: readonly CourseEffect[] = [
  { type: "clear_timer", timer: "share" },
  { type: "clear_timer", timer: "panel" },
  { type: "clear_timer", timer: "grace" },
];

const CLEAR_ALL_TIMERS: readonly CourseEffect[] = [
  ...CLEAR_PANEL_TIMERS,
  { type: "clear_timer", timer: "stage" },
  { type: "clear_timer", timer: "deadline" },
];

export function replaced(state: CourseState, record: AskRecord): CourseState {
  return { ...state, asks: state.asks.map((each) => each.id === record.id ? record : each) };
}

export function noted(state: CourseState, at: number, what: string): CourseState {
  return { ...state, moments: [...state.moments, { atMs: at - state.plan.startedAt, what }] };
}
