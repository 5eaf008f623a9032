/**
 * Course script: a run's course told as a story, event by event, for tests of `step()`. Members are
 * `M1`, `M2`, …, the other asks go by their stage; a name means the last ask that bears it. Instants
 * are milliseconds since the run's start.
 * @module
 */
import type { Analysis } from "../../src/fusion/analysis.ts";
import type { CheapFault } from "../../src/fusion/cheap_check.ts";
import { newCourse, step } from "../../src/fusion/course.ts";
import type {
  AskEffect,
  AskRecord,
  CourseEffect,
  CourseEvent,
  CoursePlan,
  CourseState,
  Ending,
  TimerName,
} from "../../src/fusion/course_state.ts";
import { NO_USAGE } from "../../src/fusion/usage.ts";
import type { Usage } from "../../src/protocol/call.ts";
import type { Failure, FailureCode } from "../../src/protocol/failure.ts";

/** Not zero, so that an instant taken for a duration shows. */
const STARTED_AT = 1_000_000;

export const ANALYSIS: Analysis = {
  consensus: ["They agree"],
  contradictions: [],
  unique_insights: [],
  blind_spots: [],
  reliability: {},
  strongest_objection: "",
};

export interface ScriptPlan extends Partial<Omit<CoursePlan, "startedAt" | "deadlineAt">> {
  readonly deadlineMs?: number;
}

/** Three members, a quorum of two, ten seconds; neither call nor panel limits before that. */
export function coursePlan({ deadlineMs = 10_000, ...plan }: ScriptPlan = {}): CoursePlan {
  return {
    route: "fuse",
    startedAt: STARTED_AT,
    deadlineAt: STARTED_AT + deadlineMs,
    threshold: 0.5,
    slots: 3,
    memberTimeoutMs: [],
    layers: 1,
    minQuorum: 2,
    panelTimeoutMs: 60_000,
    belowQuorum: "fail",
    callTimeoutMs: { router: 60_000, judge: 60_000, synthesis: 60_000, single: 60_000 },
    ...plan,
  };
}

/** A started course. */
export function courseOf(plan: ScriptPlan = {}): CourseScript {
  return new CourseScript(coursePlan(plan)).tell({ type: "start", at: STARTED_AT });
}

export function failure(code: FailureCode, extra: Partial<Failure> = {}): Failure {
  const status = /^http_(\d{3})$/.exec(code)?.[1];
  return {
    code,
    source: code === "crashed" || code === "unavailable" ? "gateway" : "upstream",
    retryable: code === "crashed" || code === "unavailable" || code === "http_429" ||
      code === "http_5xx",
    message: `It was ${code}`,
    ...(status ? { status: Number(status) } : {}),
    ...extra,
  };
}

/** `count` prompt tokens. */
export function tokens(count: number): Usage {
  return { ...NO_USAGE, promptTokens: count };
}

export class CourseScript {
  state: CourseState;
  /** Effects of the last event. */
  last: readonly CourseEffect[] = [];
  readonly effects: CourseEffect[] = [];
  /** Instants at which the timers that are set will ring. */
  readonly timers: Partial<Record<TimerName, number>> = {};

  constructor(plan: CoursePlan) {
    this.state = newCourse(plan);
  }

  /** What the run came to: a rung, or the reason why it failed; undefined while it is under way. */
  get end(): string | undefined {
    const ending = this.ending;
    return ending?.type === "answered" ? ending.rung : ending?.reason;
  }

  get ending(): Ending | undefined {
    return this.effects.find((each) => each.type === "finish")?.ending;
  }

  /** Names of the asks that are under way, in order of asking. */
  get open(): string[] {
    return this.state.asks.filter(({ status }) => status === "open").map(nameOf);
  }

  /** How each ask fared. A slot or stage that was asked more than once shows every status. */
  get statuses(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const ask of this.state.asks) {
      const name = nameOf(ask);
      found[name] = found[name] === undefined ? ask.status : `${found[name]} ${ask.status}`;
    }
    return found;
  }

  /** Names of the asks that were cancelled by the last event. */
  get cancelled(): string[] {
    return this.last.flatMap((each) =>
      each.type === "cancel" ? this.state.asks.filter(({ id }) => id === each.ask).map(nameOf) : []
    );
  }

  /** When the last ask of a name is made. */
  startOf(name: string): number {
    return this.#asked(name).startAt - STARTED_AT;
  }

  /** When the last ask of a name ends by itself. */
  timeoutOf(name: string): number {
    return this.#asked(name).timeoutAt - STARTED_AT;
  }

  causeOf(name: string): AskRecord["cause"] {
    return this.#asked(name).cause;
  }

  targetOf(name: string): AskRecord["target"] {
    return this.#asked(name).target;
  }

  get moments(): string[] {
    return this.state.moments.map(({ atMs, what }) => `${what} ${atMs}`);
  }

  get spent(): number {
    return this.state.asks.reduce((sum, ask) => sum + ask.usage.promptTokens, 0);
  }

  answers(
    name: string,
    atMs: number,
    extra: {
      text?: string;
      usage?: Usage;
      slot?: number;
      oneSided?: boolean;
      fault?: CheapFault;
    } = {},
  ): this {
    const { id, stage } = this.#find(name);
    return this.tell({
      type: "answered",
      at: STARTED_AT + atMs,
      ask: id,
      usage: NO_USAGE,
      ...(stage === "panel" ? { text: `${name} says` } : {}),
      ...(stage === "judge" ? { analysis: ANALYSIS } : {}),
      ...extra,
    });
  }

  fails(
    name: string,
    atMs: number,
    why: FailureCode | Failure = "http_5xx",
    usage: Usage = NO_USAGE,
  ): this {
    const as = typeof why === "string" ? failure(why) : why;
    return this.tell({
      type: "failed",
      at: STARTED_AT + atMs,
      ask: this.#find(name).id,
      failure: as,
      usage,
    });
  }

  /** Fails where the process has made too many retries already. */
  failsOverBudget(name: string, atMs: number): this {
    const told = { ask: this.#find(name).id, failure: failure("http_5xx"), usage: NO_USAGE };
    return this.tell({ type: "failed", at: STARTED_AT + atMs, ...told, overBudget: true });
  }

  /** Rings a timer when it is set to ring, or at another instant. */
  rings(timer: TimerName, atMs: number | undefined = this.timers[timer]): this {
    if (atMs === undefined) throw new Error(`Timer ${timer} is not set`);
    return this.tell({ type: "timer", timer, at: STARTED_AT + atMs });
  }

  decides(slot: number | null, atMs: number): this {
    return this.tell({ type: "decided", at: STARTED_AT + atMs, slot });
  }

  firstDelta(atMs: number): this {
    return this.tell({ type: "first_delta", at: STARTED_AT + atMs });
  }

  cancels(atMs: number): this {
    return this.tell({ type: "cancel", reason: "client_left", at: STARTED_AT + atMs });
  }

  tell(event: CourseEvent): this {
    const [state, effects] = step(this.state, event);
    this.state = state;
    this.last = effects;
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.type === "set_timer") this.timers[effect.timer] = effect.at - STARTED_AT;
      if (effect.type === "clear_timer") delete this.timers[effect.timer];
    }
    if (event.type === "timer") delete this.timers[event.timer];
    return this;
  }

  #asked(name: string): AskEffect {
    const { id } = this.#find(name);
    return this.effects.find((each): each is AskEffect => each.type === "ask" && each.ask === id)!;
  }

  #find(name: string): AskRecord {
    const found = this.state.asks.findLast((ask) => nameOf(ask) === name || ask.id === name);
    if (!found) throw new Error(`${name} was not asked`);
    return found;
  }
}

function nameOf({ stage, slot }: AskRecord): string {
  return stage === "panel" ? `M${slot + 1}` : stage;
}
