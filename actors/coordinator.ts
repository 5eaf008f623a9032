/**
 * Coordinator: the actor of one run, in this thread. The shell around fusion/course.ts: it performs
 * the course's effects (asks of workers, cancels, timers) and sends back what comes of them. What
 * goes out is the {@link Run} that the HTTP room reads.
 * @module
 */
import type { Analysis } from "../src/fusion/analysis.ts";
import { asDeltas } from "../src/fusion/choice_deltas.ts";
import { newCourse, step } from "../src/fusion/course.ts";
import {
  type AskEffect,
  type CourseEffect,
  type CourseEvent,
  type CourseState,
  type Ending,
  isHedgeTimer,
  type Step,
  type TimerName,
} from "../src/fusion/course_state.ts";
import { consensusAnswer, selectedAnswer, votedAnswer } from "../src/fusion/modes.ts";
import type { Delta, Outcome, Run, Stage } from "../src/fusion/outcome.ts";
import { progressDelta, progressLines } from "../src/fusion/progress.ts";
import { runAsk, type RunParts } from "../src/fusion/run_asks.ts";
import { planRun } from "../src/fusion/run_plan.ts";
import { RunReferences } from "../src/fusion/run_references.ts";
import type { RunRequest } from "../src/fusion/run_request.ts";
import { type FinalAnswer, isOneSided, settle, type SettleOptions } from "../src/fusion/settle.ts";
import { finalWithoutSynthesis } from "../src/fusion/stand_in.ts";
import { trialFault } from "../src/fusion/trial.ts";
import { NO_USAGE } from "../src/fusion/usage.ts";
import type { CallPurpose, UpstreamHealth } from "../src/health/upstream_health.ts";
import type { JudgeAnswer, JudgeAsk } from "../src/protocol/judge.ts";
import type { PanelAnswer, PanelAsk } from "../src/protocol/panel.ts";
import type { SynthesisAnswer, SynthesisAsk } from "../src/protocol/synthesis.ts";
import { failureOf, spentOf, type Terminal } from "../src/protocol/terminal.ts";
import type { Spent } from "../src/protocol/upstreams.ts";
import { Alarms } from "../src/runtime/alarms.ts";
import type { Clock } from "../src/runtime/clock.ts";
import { CreditReader } from "../src/runtime/credit_stream.ts";
import { LocalActor } from "../src/runtime/local_actor.ts";
import type { CancelAsk, PoolAskOptions, Spread } from "../src/runtime/worker_pool.ts";

/** Workers of one role. */
interface Pool<Ask, Answer> {
  ask(id: string, payload: Ask, how: PoolAskOptions<Answer, Spent> & CallPurpose): CancelAsk;
}

export interface CoordinatorOptions {
  readonly panel: Pool<PanelAsk, PanelAnswer>;
  readonly judge: Pool<JudgeAsk, JudgeAnswer>;
  readonly synthesizer: Pool<SynthesisAsk, SynthesisAnswer>;
  readonly health: UpstreamHealth;
  readonly clock: Clock;
  /** Unique among the runs of this process: asks are named after it. */
  readonly runId: string;
  /** What labels, orders and fences are drawn from. */
  readonly seed: string;
  /** How long one call to a backend may take. */
  readonly timeoutMsOf: (backend: string) => number;
  readonly costUsdOf: SettleOptions["costUsdOf"];
}

/**
 * Starts the run; everything further happens on messages. `Run.outcome` rejects only if the run
 * itself is broken, by a fault of ours.
 */
export function startRun(request: RunRequest, options: CoordinatorOptions): Run {
  return new Coordinator(request, options).run;
}

/** What an answer tells the course. */
type Told = Omit<Extract<CourseEvent, { type: "answered" }>, "type" | "at" | "ask">;

/** How long a run that has failed waits to hear what its cancelled asks have cost. */
const REPORT_WAIT_MS = 200;

class Coordinator {
  readonly run: Run;
  readonly #parts: RunParts;
  readonly #course: LocalActor<CourseState, CourseEvent, CourseEffect>;
  /** By ask; those that have no terminal yet. */
  readonly #cancels = new Map<string, CancelAsk>();
  readonly #alarms: Alarms<TimerName>;
  readonly #spread: Spread = new Map();
  readonly #deltas: CreditReader<Delta>;
  readonly #outcome = Promise.withResolvers<Outcome>();
  /** What the synthesizer has written, by ask; some of it may not be the answer. */
  readonly #written = new Map<string, { answer: SynthesisAnswer; streamed: boolean }>();
  /** Set once the run has failed, until its outcome is told. */
  #whenReported: (() => void) | undefined;
  #broken = false;

  constructor(request: RunRequest, readonly options: CoordinatorOptions) {
    const plan = planRun(request, options);
    const { aggregator } = request.profile;
    const references = new RunReferences({
      aggregator,
      panel: plan.panel,
      seed: options.seed,
      conversation: plan.conversation,
    });
    this.#parts = { request, plan, references };
    this.#course = new LocalActor({
      state: newCourse(plan.course),
      step: (state, event) => this.#told(state, step(state, event)),
      perform: (effect) => this.#perform(effect),
    });
    this.#alarms = new Alarms(
      options.clock,
      (timer) => {
        if (isHedgeTimer(timer) && !options.health.mayHedge) return;
        this.#tell({ type: "timer", timer, at: this.#now() });
      },
    );
    this.#deltas = new CreditReader<Delta>({
      parse: (item) => item as Delta,
      onFirst: () => this.#tell({ type: "first_delta", at: this.#now() }),
    });
    this.run = {
      outcome: this.#outcome.promise,
      deltas: this.#deltas.stream,
      cancel: (reason) => this.#tell({ type: "cancel", at: this.#now(), reason }),
    };
    this.#tell({ type: "start", at: this.#now() });
  }

  #now(): number {
    return this.options.clock.now();
  }

  #tell(event: CourseEvent) {
    this.#safely(() => this.#course.send(event));
  }

  /** A fault of ours breaks the run that it happens in, and no other. */
  #safely(work: () => void) {
    if (this.#broken) return;
    try {
      work();
    } catch (error) {
      this.#break(error);
    }
  }

  /** The step, after its progress has been told to who wants to see it. */
  #told(before: CourseState, taken: Step): Step {
    const { profile, stream } = this.#parts.request;
    if (stream && profile.stream.progress === "reasoning") {
      for (const line of progressLines(before, taken[0])) {
        this.#deltas.putAside(progressDelta(line));
      }
    }
    return taken;
  }

  #perform(effect: CourseEffect) {
    switch (effect.type) {
      case "ask":
        this.options.health.decided(effect.cause);
        return this.#ask(effect);
      case "cancel":
        return this.#cancels.get(effect.ask)?.(effect.reason);
      case "set_timer":
        return this.#alarms.set(effect.timer, effect.at);
      case "clear_timer":
        return this.#alarms.clear(effect.timer);
      case "decide":
        return this.#decide(effect.by);
      case "finish":
        return this.#finish(effect.ending);
      default:
        return effect satisfies never;
    }
  }

  // ---- Asks

  #ask(effect: AskEffect) {
    if (effect.startAt <= this.#now()) return this.#askNow(effect);
    const asksLater = this.options.clock.at(
      effect.startAt,
      () => this.#safely(() => this.#askNow(effect)),
    );
    this.#cancels.set(effect.ask, () => {
      asksLater.clear();
      this.#cancels.delete(effect.ask);
    });
  }

  #askNow(effect: AskEffect) {
    const { ask, role } = runAsk(effect, this.#course.state, this.#parts);
    switch (role) {
      case "panel_member":
        return this.#send(effect, this.options.panel, ask, {
          read: ({ usage, text, calls }) => ({ usage, text, ...(calls ? { calls } : {}) }),
          spread: this.#spread,
        });
      case "judge":
        return this.#send(effect, this.options.judge, ask, {
          read: (answer) => this.#judged(answer),
        });
      case "synthesizer":
        return this.#send(effect, this.options.synthesizer, ask, {
          read: (answer) => {
            this.#written.set(effect.ask, { answer, streamed: ask.stream });
            return { usage: answer.usage, ...this.#shown(effect.stage, answer) };
          },
          ...(ask.stream ? { port: this.#deltaPort() } : {}),
        });
      default:
        return role satisfies never;
    }
  }

  #judged(answer: JudgeAnswer): Told {
    const { usage } = answer;
    const { references } = this.#parts;
    switch (answer.task) {
      case "analyse":
        // Checked in the worker, which knows its schema; the protocol has seen an object.
        return { usage, analysis: answer.analysis as unknown as Analysis };
      case "select": {
        const picked = references.slotsOf(answer.picks);
        return { usage, slot: selectedAnswer(picked, references.prepared(this.#course.state)) };
      }
      default:
        return answer satisfies never;
    }
  }

  /** What a written answer shows that may keep it from being the final one. */
  #shown(stage: Stage, answer: SynthesisAnswer): Partial<Told> {
    const { state } = this.#course;
    if (stage === "synthesis") return { oneSided: isOneSided(answer, state, this.#parts) };
    const fault = state.trial === "open" ? trialFault(answer, this.#parts.request.request) : null;
    return fault === null ? {} : { fault };
  }

  #decide(by: "vote" | "consensus") {
    const { request: { profile: { aggregator } }, references } = this.#parts;
    const prepared = references.prepared(this.#course.state);
    const slot = by === "vote"
      ? votedAnswer(prepared)
      : consensusAnswer(prepared, aggregator.consensusThreshold);
    this.#tell({ type: "decided", at: this.#now(), slot });
  }

  #deltaPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#deltas.attach(port1);
    return port2;
  }

  #send<Ask, Answer extends Spent>(
    { ask, stage, cause }: AskEffect,
    pool: Pool<Ask, Answer>,
    payload: Ask,
    { read, ...how }: {
      read: (answer: Answer) => Told;
      port?: MessagePort;
      spread?: Spread;
    },
  ) {
    const { health, runId } = this.options;
    const onTerminal = (terminal: Terminal<Answer, Spent>) => {
      this.#cancels.delete(ask);
      const at = this.#now();
      if (terminal.type === "answered") {
        this.#tell({ type: "answered", at, ask, ...read(terminal.payload) });
      } else {
        const failure = failureOf(terminal);
        const usage = spentOf(terminal)?.usage ?? NO_USAGE;
        this.#tell({ type: "failed", at, ask, failure, usage, overBudget: !health.mayRetry });
      }
      this.#whenReported?.();
    };
    // What cannot be sent says so before it returns.
    this.#cancels.set(ask, () => {});
    const { deadlineAt } = this.#parts.request;
    const cancel = pool.ask(`${runId}.${ask}`, payload, {
      stage,
      cause,
      deadlineAt,
      onTerminal,
      ...how,
    });
    if (this.#cancels.has(ask)) this.#cancels.set(ask, cancel);
  }

  // ---- The end

  #finish(wanted: Ending) {
    const { ending, final } = this.#answered(wanted);
    // A synthesizer that streamed has said `end` on its own port; of any other nothing comes.
    if (this.#writtenFor(ending)?.streamed) this.#deltas.end();
    else this.#deltas.abandon();
    const { seed, costUsdOf } = this.options;
    const settleNow = () => {
      const options = { ...this.#parts, seed, costUsdOf, final };
      this.#outcome.resolve(settle(this.#course.state, ending, options));
    };
    if (final) settleNow();
    else this.#afterReports(settleNow);
  }

  /** The ending as it can be had, with its answer. */
  #answered(ending: Ending): { ending: Ending; final?: FinalAnswer } {
    if (ending.type === "failed") return { ending };
    const written = this.#writtenFor(ending);
    if (written) {
      if (!written.streamed) this.#stream(asDeltas(written.answer.choices));
      return { ending, final: written.answer };
    }
    const found = finalWithoutSynthesis(ending, this.#course.state, this.#parts);
    if ("failed" in found) return { ending: found.failed };
    const { deltas, ...final } = found;
    this.#stream(deltas);
    return { ending, final };
  }

  #writtenFor(ending: Ending) {
    return ending.type === "answered" && ending.ask !== undefined
      ? this.#written.get(ending.ask)
      : undefined;
  }

  /** What was not written word by word, for a client that reads it so. */
  #stream(deltas: readonly Delta[]) {
    if (!this.#parts.request.stream) return;
    for (const delta of deltas) this.#deltas.put(delta);
  }

  /** Nobody waits for the words of a run that has failed: its cancelled asks may first say what they cost. */
  #afterReports(settleNow: () => void) {
    if (this.#cancels.size === 0) return settleNow();
    const { clock } = this.options;
    const done = () => {
      this.#whenReported = undefined;
      settleNow();
    };
    const timer = clock.at(clock.now() + REPORT_WAIT_MS, done);
    this.#whenReported = () => {
      if (this.#cancels.size > 0) return;
      timer.clear();
      done();
    };
  }

  #break(error: unknown) {
    this.#broken = true;
    for (const cancel of this.#cancels.values()) cancel("broken");
    this.#alarms.clearAll();
    this.#deltas.abandon();
    this.#outcome.reject(error);
  }
}
