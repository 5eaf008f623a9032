/**
 * Course moves: what a run does, whatever made it do so: start a panel layer or a stage, ask, close
 * what is open, finish. Pure; the rules that choose among these moves are in course.ts.
 * @module
 */
import {
  type AskRecord,
  bySlot,
  type CourseEffect,
  type CourseState,
  type Ending,
  openAsks,
  type Step,
  type TimerName,
} from "./course_state.ts";
import type { Stage } from "./outcome.ts";
import { NO_USAGE } from "./usage.ts";

/** The part of the deadline that the panel may use up; judge and synthesis keep the rest. */
const PANEL_SHARE = 0.6;
/** The part of what is then left that the judge may use up. */
const JUDGE_SHARE = 0.5;
/** The part of the deadline that a single model may use up before the panel is asked all the same. */
const TRIAL_SHARE = 0.3;
/** The part of the deadline that the classifier may use up. */
const ROUTER_SHARE = 0.25;

type SingleCallStage = Exclude<Stage, "panel">;

const PHASE_OF = {
  router: "routing",
  judge: "judging",
  synthesis: "synthesizing",
  single: "single",
} as const satisfies Record<SingleCallStage, CourseState["phase"]>;

/** `move` made after the step that `done` is: its state, and the effects of both. */
export function then([state, effects]: Step, move: (state: CourseState) => Step): Step {
  const [next, more] = move(state);
  return [next, [...effects, ...more]];
}

export function startLayer(state: CourseState, at: number, layer: number): Step {
  const { plan } = state;
  const shareAt = at + Math.max(0, panelEndAt(state) - at) / (plan.layers - layer);
  const limitAt = at + plan.panelTimeoutMs;
  const panel: CourseState = {
    ...state,
    phase: "panel",
    layer,
    layerStartedAt: at,
    limitAt: Math.min(limitAt, plan.deadlineAt),
    answers: [],
    quorumAt: null,
    shareOver: false,
  };
  let started: Step = [panel, [
    ...clear(PHASE_TIMERS),
    { type: "set_timer", timer: "share", at: shareAt },
    ...setBeforeDeadline(state, "panel", limitAt),
  ]];
  for (let slot = 0; slot < plan.slots; slot++) {
    started = then(started, (next) => ask(next, at, { stage: "panel", slot, ...FIRST }));
  }
  return started;
}

/** When the panel's share of the deadline is over, that of all its layers. */
export function panelEndAt({ plan: { startedAt, deadlineAt } }: CourseState): number {
  return startedAt + (deadlineAt - startedAt) * PANEL_SHARE;
}

/** Starts a stage that is one call. */
export function startStage(state: CourseState, at: number, stage: SingleCallStage): Step {
  const limitAt = at + stageLimitMs(state, at, stage);
  return then(
    [{ ...state, phase: PHASE_OF[stage], limitAt: Math.min(limitAt, state.plan.deadlineAt) }, [
      ...clear(PHASE_TIMERS),
      ...setBeforeDeadline(state, "stage", limitAt),
    ]],
    // What is written once more is an ask of its own, not a retry of the first.
    (next) => ask(next, at, { stage, slot: state.draft ? 1 : 0, ...FIRST }),
  );
}

const FIRST = { attempt: 0, target: "primary", cause: "first" } as const;

/** After how long the coordinator itself ends a stage, whatever its calls say. */
function stageLimitMs({ plan, trial }: CourseState, at: number, stage: SingleCallStage): number {
  const { startedAt, deadlineAt, callTimeoutMs } = plan;
  // A fallback has its own time, after the first model has used up its.
  const callsMs = callTimeoutMs[stage] + (plan.fallbackTimeoutMs?.stages[stage] ?? 0);
  switch (stage) {
    case "router":
      return Math.min(callsMs, (deadlineAt - startedAt) * ROUTER_SHARE);
    case "judge":
      return Math.min(callsMs, (deadlineAt - at) * JUDGE_SHARE);
    case "single":
      return trial === "open" ? Math.min(callsMs, (deadlineAt - startedAt) * TRIAL_SHARE) : callsMs;
    case "synthesis":
      return callsMs;
    default:
      return stage satisfies never;
  }
}

/** Where two limits end a run in the same moment, it is the deadline that has decided. */
function setBeforeDeadline({ plan }: CourseState, timer: TimerName, at: number): CourseEffect[] {
  return at < plan.deadlineAt ? [{ type: "set_timer", timer, at }] : [];
}

/** @param at when the ask is made: now, or a little later */
export function ask(
  state: CourseState,
  at: number,
  { stage, slot, attempt, target, cause }: Pick<
    AskRecord,
    "stage" | "slot" | "attempt" | "target" | "cause"
  >,
): Step {
  const { layer, plan } = state;
  const id = `${stage}.${layer}.${slot}.${attempt}`;
  const hedgeAt = at + (bySlot(plan.hedgeAfterMs, { stage, slot }) ?? Infinity);
  const record: AskRecord = {
    id,
    stage,
    layer,
    slot,
    attempt,
    target,
    cause,
    startAt: at,
    status: "open",
    usage: NO_USAGE,
    reported: false,
    hedgeSet: cause === "first" && hedgeAt < state.limitAt,
  };
  const timeoutAt = callEndsAt(state, record);
  return [
    { ...state, asks: [...state.asks, record] },
    [
      { type: "ask", ask: id, stage, layer, slot, target, cause, startAt: at, timeoutAt },
      ...(record.hedgeSet
        ? [{ type: "set_timer", timer: `hedge.${id}`, at: hedgeAt } as const]
        : []),
    ],
  ];
}

/** How long after the deadline a worker ends a call by itself that nobody has cancelled. */
const BACKSTOP_MS = 1_000;

/** A call that could last to the deadline is left to it: the coordinator is the judge of that. */
function callEndsAt(
  { layerStartedAt, plan }: CourseState,
  { stage, slot, startAt, target }: AskRecord,
): number {
  const ownMs = target === "fallback"
    ? bySlot(plan.fallbackTimeoutMs, { stage, slot })
    : stage === "panel"
    ? plan.memberTimeoutMs[slot]
    : plan.callTimeoutMs[stage];
  const ownEndAt = startAt + (ownMs ?? Infinity);
  const timeoutAt = stage === "panel"
    ? Math.min(layerStartedAt + plan.panelTimeoutMs, ownEndAt)
    : ownEndAt;
  return timeoutAt < plan.deadlineAt ? timeoutAt : plan.deadlineAt + BACKSTOP_MS;
}

/** Cancels every open ask, or those of one slot, and writes down why it has no answer. */
export function closeOpen(
  state: CourseState,
  at: number,
  status: "cancelled" | "timeout",
  slot?: number,
): Step {
  const open = openAsks(state).filter((each) => slot === undefined || each.slot === slot);
  if (open.length === 0) return [state, []];
  const closed = new Set(open);
  return [
    {
      ...state,
      asks: state.asks.map((each) =>
        closed.has(each) ? { ...each, status, endAt: at, hedgeSet: false } : each
      ),
    },
    open.flatMap((each) => [
      ...clearHedge(each),
      { type: "cancel", ask: each.id, reason: status },
    ]),
  ];
}

/** What an ask that has ended leaves behind. */
export function clearHedge({ id, hedgeSet }: AskRecord): CourseEffect[] {
  return hedgeSet ? clear([`hedge.${id}`]) : [];
}

export function finish(state: CourseState, at: number, ending: Ending): Step {
  return then(
    closeOpen(state, at, "cancelled"),
    (closed) => [{ ...closed, phase: "done" }, [
      ...clear(ALL_TIMERS),
      { type: "finish", ending },
    ]],
  );
}

const PHASE_TIMERS: readonly TimerName[] = ["share", "panel", "grace", "stage"];
const ALL_TIMERS: readonly TimerName[] = [...PHASE_TIMERS, "deadline"];

function clear(timers: readonly TimerName[]): CourseEffect[] {
  return timers.map((timer) => ({ type: "clear_timer", timer }));
}

export function replaced(state: CourseState, record: AskRecord): CourseState {
  return { ...state, asks: state.asks.map((each) => each.id === record.id ? record : each) };
}

export function noted(state: CourseState, at: number, what: string): CourseState {
  return { ...state, moments: [...state.moments, { atMs: at - state.plan.startedAt, what }] };
}
