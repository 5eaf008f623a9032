/**
 * Course state: the vocabulary of a run's course: what it plans, what it remembers, what happens to
 * it and what it wants done. Types and a few questions about them; the rules are in course.ts.
 * @module
 */
import type { ToolCall } from "../openai/tool_calls.ts";
import type { Usage } from "../protocol/call.ts";
import type { Failure, FailureCode } from "../protocol/failure.ts";
import type { Analysis } from "./analysis.ts";
import type { CancelReason, Failed, Moment, Rung, Stage } from "./outcome.ts";

/** Everything that is fixed before the run starts. Instants are epoch milliseconds. */
export interface CoursePlan {
  readonly route: "single" | "fuse" | "classify";
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** Fuse when the classifier's score is at or above this. */
  readonly threshold: number;
  /** Calls that each panel layer makes. */
  readonly slots: number;
  readonly layers: number;
  readonly minQuorum: number;
  /** False where the request asks for what a panel answer as it is cannot have (final_only.ts). */
  readonly standsAlone?: boolean;
  /** Whether tool calls that a quorum makes are the answer. */
  readonly mergesCalls?: boolean;
  readonly panelTimeoutMs: number;
  /** Absent: derived from how long the quorum took. */
  readonly graceMs?: number;
  readonly belowQuorum: "fail" | "best_answer";
  /** How long one call of each slot may take. */
  readonly memberTimeoutMs: readonly number[];
  /** How long one call of a stage may take. */
  readonly callTimeoutMs: Readonly<Record<Exclude<Stage, "panel">, number>>;
}

export interface AskRecord {
  readonly id: string;
  readonly stage: Stage;
  readonly layer: number;
  readonly slot: number;
  readonly attempt: number;
  readonly startAt: number;
  readonly endAt?: number;
  /** `cancelled` and `timeout` also where the course itself closed the ask. */
  readonly status: "open" | "answered" | FailureCode;
  readonly failure?: Failure;
  readonly usage: Usage;
  /** Its terminal has come; one is all that an ask has. */
  readonly reported: boolean;
}

export interface PanelText {
  readonly layer: number;
  readonly slot: number;
  readonly text: string;
  readonly calls?: readonly ToolCall[];
}

export interface CourseState {
  readonly plan: CoursePlan;
  readonly phase: "new" | "routing" | "panel" | "judging" | "synthesizing" | "single" | "done";
  readonly layer: number;
  readonly layerStartedAt: number;
  /** Answers of the layer under way, in order of arrival. */
  readonly answers: readonly PanelText[];
  /** Answers of the last layer that reached its quorum. */
  readonly layerAnswers: readonly PanelText[];
  /** When the layer under way reached its quorum. */
  readonly quorumAt: number | null;
  /** The panel's share of the deadline is over: the next quorum closes the layer at once. */
  readonly shareOver: boolean;
  readonly analysis: Analysis | null;
  /** The classifier's, 0 to 1; null where there is none. */
  readonly score: number | null;
  /** The final answer has begun to reach the client; nothing can take its place any more. */
  readonly streaming: boolean;
  readonly asks: readonly AskRecord[];
  readonly moments: readonly Moment[];
}

/**
 * `share` ends the layer's share of the deadline, `panel` the panel's own time limit, `grace` the
 * wait for stragglers, `stage` the time of a stage that is one call, `deadline` the run.
 */
export type TimerName = "share" | "panel" | "grace" | "stage" | "deadline";

export type CourseEvent =
  | { readonly type: "start"; readonly at: number }
  | {
    readonly type: "answered";
    readonly at: number;
    readonly ask: string;
    readonly usage: Usage;
    readonly text?: string;
    readonly calls?: readonly ToolCall[];
    readonly analysis?: Analysis;
  }
  | {
    readonly type: "failed";
    readonly at: number;
    readonly ask: string;
    readonly failure: Failure;
    readonly usage: Usage;
  }
  /** The final answer has begun to reach the client. */
  | { readonly type: "first_delta"; readonly at: number }
  | { readonly type: "timer"; readonly at: number; readonly timer: TimerName }
  | { readonly type: "cancel"; readonly at: number; readonly reason: CancelReason };

export type Ending =
  | {
    readonly type: "answered";
    readonly rung: Rung;
    /** The answer, where a quorum of members has called for it. */
    readonly calls?: readonly ToolCall[];
    /** Under `best_answer`: how the run ends where no panel answer has the form that is asked for. */
    readonly otherwise?: FailedEnding;
  }
  | FailedEnding;

export interface FailedEnding {
  readonly type: "failed";
  readonly reason: Failed["reason"];
  readonly message: string;
  readonly failure?: Failure;
}

export interface AskEffect {
  readonly type: "ask";
  readonly ask: string;
  readonly stage: Stage;
  readonly layer: number;
  readonly slot: number;
  /** Not before this. */
  readonly startAt: number;
  readonly timeoutAt: number;
}

export type CourseEffect =
  | AskEffect
  | { readonly type: "cancel"; readonly ask: string; readonly reason: string }
  /** A timer that is set anew or cleared never rings for what it was set before. */
  | { readonly type: "set_timer"; readonly timer: TimerName; readonly at: number }
  | { readonly type: "clear_timer"; readonly timer: TimerName }
  | { readonly type: "finish"; readonly ending: Ending };

export type Step = readonly [CourseState, readonly CourseEffect[]];

export function openAsks(state: CourseState): readonly AskRecord[] {
  return state.asks.filter((ask) => ask.status === "open");
}

/** The asks of the panel layer under way. */
export function layerAsks(state: CourseState): readonly AskRecord[] {
  return state.asks.filter((ask) => ask.stage === "panel" && ask.layer === state.layer);
}

/** Whether the layer under way has answers enough. */
export function hasQuorum({ answers, plan }: CourseState): boolean {
  return answers.length >= plan.minQuorum;
}

/** The last ask of each slot in the panel's last layer: how each member fared. */
export function lastAskBySlot(state: CourseState): readonly AskRecord[] {
  const bySlot = new Map<number, AskRecord>();
  for (const ask of layerAsks(state)) bySlot.set(ask.slot, ask);
  return [...bySlot.values()].sort((a, b) => a.slot - b.slot);
}
