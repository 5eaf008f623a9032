/**
 * Course state: the vocabulary of a run's course: what it plans, what it remembers, what happens to
 * it and what it wants done. Types and a few questions about them; the rules are in course.ts.
 * @module
 */
import type { ToolCall } from "../openai/tool_calls.ts";
import type { Usage } from "../protocol/call.ts";
import type { Failure, FailureCode } from "../protocol/failure.ts";
import type { Analysis } from "./analysis.ts";
import type { CheapFault } from "./cheap_check.ts";
import type { Mode } from "./modes.ts";
import type { AskCause, CancelReason, Failed, Moment, Rung, Stage } from "./outcome.ts";

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
  /** What is made of the panel's answers. Absent: `synthesize`. */
  readonly mode?: Mode;
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
  /** How long one call of a fallback model may take, where there is one. */
  readonly fallbackTimeoutMs?: BySlot;
  /** After how long a slot's model is usually done, where slow calls are made twice. */
  readonly hedgeAfterMs?: BySlot;
  /** Absent: no upstream is asked again. */
  readonly retry?: {
    /** Asks of a slot to one model, the first included. */
    readonly maxAttempts: number;
    /** Longest `Retry-After` that is waited for. */
    readonly maxWaitMs: number;
    /** What the waits are drawn from. */
    readonly seed: string;
  };
}

/** A value for each slot of the panel and each stage that is one call; undefined where there is none. */
export interface BySlot {
  readonly members: readonly (number | undefined)[];
  readonly stages: Readonly<Partial<Record<Exclude<Stage, "panel">, number>>>;
}

export function bySlot(
  values: BySlot | undefined,
  { stage, slot }: { readonly stage: Stage; readonly slot: number },
): number | undefined {
  return stage === "panel" ? values?.members[slot] : values?.stages[stage];
}

export interface AskRecord {
  readonly id: string;
  readonly stage: Stage;
  readonly layer: number;
  readonly slot: number;
  /** 0 for the first ask of a slot in its layer, 1 for the second, … */
  readonly attempt: number;
  /** Which of the slot's models is asked. */
  readonly target: "primary" | "fallback";
  readonly cause: AskCause;
  readonly startAt: number;
  readonly endAt?: number;
  /** `cancelled` and `timeout` also where the course itself closed the ask. */
  readonly status: "open" | "answered" | FailureCode;
  readonly failure?: Failure;
  readonly usage: Usage;
  /** Its terminal has come; one is all that an ask has. */
  readonly reported: boolean;
  /** A timer is set for its hedge. */
  readonly hedgeSet: boolean;
}

export interface PanelText {
  readonly layer: number;
  readonly slot: number;
  /** Which of the slot's models wrote it. */
  readonly target: AskRecord["target"];
  readonly text: string;
  readonly calls?: readonly ToolCall[];
}

export interface CourseState {
  readonly plan: CoursePlan;
  readonly phase:
    | "new"
    | "routing"
    | "panel"
    | "deciding"
    | "judging"
    | "synthesizing"
    | "single"
    | "done";
  readonly layer: number;
  readonly layerStartedAt: number;
  /** When the layer or stage under way is over at the latest; nothing is asked after that. */
  readonly limitAt: number;
  /** Answers of the layer under way, in order of arrival. */
  readonly answers: readonly PanelText[];
  /** Answers of the last layer that reached its quorum. */
  readonly layerAnswers: readonly PanelText[];
  /** When the layer under way reached its quorum. */
  readonly quorumAt: number | null;
  /** The panel's share of the deadline is over: the next quorum closes the layer at once. */
  readonly shareOver: boolean;
  readonly analysis: Analysis | null;
  /** A final answer that is being written once more; it stands if nothing comes of that. */
  readonly draft: { readonly ask: string; readonly rung: Rung } | null;
  /** Mode `cascade`: the single model's answer, before the panel is asked; null where none is tried. */
  readonly trial: "open" | "stands" | "failed" | null;
  /** The classifier's, 0 to 1; null where there is none. */
  readonly score: number | null;
  /** The final answer has begun to reach the client; nothing can take its place any more. */
  readonly streaming: boolean;
  readonly asks: readonly AskRecord[];
  readonly moments: readonly Moment[];
}

/**
 * `share` ends the layer's share of the deadline, `panel` the panel's own time limit, `grace` the
 * wait for stragglers, `stage` the time of a stage that is one call, `deadline` the run; `hedge.…`
 * rings when the ask of that name is slow.
 */
export type TimerName = "share" | "panel" | "grace" | "stage" | "deadline" | HedgeTimer;
export type HedgeTimer = `hedge.${string}`;

export function isHedgeTimer(timer: TimerName): timer is HedgeTimer {
  return timer.startsWith("hedge.");
}

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
    /** The member whose answer a judge has selected. */
    readonly slot?: number;
    /** Nearly all of the final answer is from one source that the others do not bear out. */
    readonly oneSided?: boolean;
    /** Why the single model's answer should not stand alone. */
    readonly fault?: CheapFault;
  }
  | {
    readonly type: "failed";
    readonly at: number;
    readonly ask: string;
    readonly failure: Failure;
    readonly usage: Usage;
    /** The process makes too many retries already: none may follow. */
    readonly overBudget?: boolean;
  }
  /** Which answer the panel has settled on; null: none. */
  | { readonly type: "decided"; readonly at: number; readonly slot: number | null }
  /** The final answer has begun to reach the client. */
  | { readonly type: "first_delta"; readonly at: number }
  | { readonly type: "timer"; readonly at: number; readonly timer: TimerName }
  | { readonly type: "cancel"; readonly at: number; readonly reason: CancelReason };

export type Ending =
  | {
    readonly type: "answered";
    readonly rung: Rung;
    /** The ask whose answer is the final one; absent: it is one of the panel's. */
    readonly ask?: string;
    /** The member whose answer is the final one; absent where there is no ask: the best one. */
    readonly slot?: number;
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
  readonly target: AskRecord["target"];
  readonly cause: AskCause;
  /** Not before this. */
  readonly startAt: number;
  readonly timeoutAt: number;
}

export type CourseEffect =
  | AskEffect
  | { readonly type: "cancel"; readonly ask: string; readonly reason: string }
  /** Find out whether the panel's answers settle the matter by themselves: comes back as `decided`. */
  | { readonly type: "decide"; readonly by: "vote" | "consensus" }
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

/** Slots of the layer under way that are still asked. */
export function openSlots(state: CourseState): number {
  const open = layerAsks(state).filter(({ status }) => status === "open");
  return new Set(open.map(({ slot }) => slot)).size;
}

/** Whether the layer under way has answers enough. */
export function hasQuorum({ answers, plan }: CourseState): boolean {
  return answers.length >= plan.minQuorum;
}

/**
 * How each member fared in the panel's last layer: the ask of its slot that answered, else the last
 * one that was not cancelled, else the last.
 */
export function decidingAskBySlot(state: CourseState): readonly AskRecord[] {
  const deciding = new Map<number, AskRecord>();
  for (const ask of layerAsks(state)) {
    const before = deciding.get(ask.slot);
    const decides = before === undefined || before.status === "cancelled" ||
      ask.status === "answered" || (before.status !== "answered" && ask.status !== "cancelled");
    if (decides) deciding.set(ask.slot, ask);
  }
  return [...deciding.values()].sort((a, b) => a.slot - b.slot);
}
