/**
 * Coordinator: the actor of one run, in this thread. The shell around fusion/course.ts: it performs
 * the course's effects (asks of workers, cancels, timers) and sends back what comes of them. What
 * goes out is the {@link Run} that the HTTP room reads.
 * @module
 */
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
import type { Delta, Outcome, Run } from "../src/fusion/outcome.ts";
import { progressDelta, progressLines } from "../src/fusion/progress.ts";
import { runAsk, type RunParts } from "../src/fusion/run_asks.ts";
import { decided, judged, type Told, written } from "../src/fusion/run_findings.ts";
import { planRun } from "../src/fusion/run_plan.ts";
import { RunReferences } from "../src/fusion/run_references.ts";
import type { RunRequest } from "../src/fusion/run_request.ts";
import { type FinalAnswer, settle, type SettleOptions } from "../src/fusion/settle.ts";
import { finalWithoutSynthesis } from "../src/fusion/stand_in.ts";
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
import { OpenAsks } from "../src/runtime/open_asks.ts";
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

/** How long a run that is over waits to hear what its cancelled asks have cost, should a worker hang. */
const REPORT_WAIT_MS = 200;

class Coordinator {
  readonly run: Run;
  readonly #parts: RunParts;
  readonly #course: LocalActor<CourseState, CourseEvent, CourseEffect>;
  readonly #open = new OpenAsks();
  readonly #alarms: Alarms<TimerName>;
  readonly #spread: Spread = new Map();
  readonly #deltas: CreditReader<Delta>;
  readonly #outcome = Promise.withResolvers<Outcome>();
  /** What the synthesizer has written, by ask; some of it may not be the answer. */
  readonly #written = new Map<string, { answer: SynthesisAnswer; streamed: boolean }>();
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
    this.#alarms = new Alarms(options.clock, (timer) => {
      if (isHedgeTimer(timer) && !options.health.mayHedge) return;
      this.#tell({ type: "timer", timer, at: this.#now() });
    });
    this.#deltas = new CreditReader<Delta>({
      parse: (item) => item as Delta,
      onFirst: () => this.#tell({ type: "first_delta", at: this.#now() }),
    });
    const deltas = this.#deltas;
    this.run = {
      outcome: this.#outcome.promise,
      get deltas() {
        return deltas.stream;
      },
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
        return this.#open.cancel(effect.ask, effect.reason);
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
    const askNow = () => this.#safely(() => this.#askNow(effect));
    const asksLater = this.options.clock.at(effect.startAt, askNow);
    this.#open.set(effect.ask, () => {
      asksLater.clear();
      this.#open.ended(effect.ask);
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
          read: (answer) => judged(answer, this.#course.state, this.#parts),
        });
      case "synthesizer":
        return this.#send(effect, this.options.synthesizer, ask, {
          read: (answer) => {
            this.#written.set(effect.ask, { answer, streamed: ask.stream });
            return written(answer, effect.stage, { state: this.#course.state, run: this.#parts });
          },
          ...(ask.stream ? { port: this.#deltaPort() } : {}),
        });
      default:
        return role satisfies never;
    }
  }

  #decide(by: "vote" | "consensus") {
    const slot = decided(by, this.#course.state, this.#parts);
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
      this.#open.ended(ask);
      const at = this.#now();
      if (terminal.type === "answered") {
        this.#tell({ type: "answered", at, ask, ...read(terminal.payload) });
      } else {
        const failure = failureOf(terminal);
        const usage = spentOf(terminal)?.usage ?? NO_USAGE;
        this.#tell({ type: "failed", at, ask, failure, usage, overBudget: !health.mayRetry });
      }
      this.#open.told();
    };
    // What cannot be sent says so before it returns.
    this.#open.set(ask, () => {});
    const { deadlineAt } = this.#parts.request;
    const options = { stage, cause, deadlineAt, onTerminal, ...how };
    const cancel = pool.ask(`${runId}.${ask}`, payload, options);
    if (this.#open.has(ask)) this.#open.set(ask, cancel);
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
    // What was cancelled just now may have cost something, and its worker knows.
    this.#open.whenNone(settleNow, { clock: this.options.clock, waitMs: REPORT_WAIT_MS });
  }

  /** The ending as it can be had, with its answer. */
  #answered(ending: Ending): { ending: Ending; final?: FinalAnswer } {
    if (ending.type === "failed") return { ending };
    const own = this.#writtenFor(ending);
    if (own) {
      if (!own.streamed) this.#stream(asDeltas(own.answer.choices));
      return { ending, final: own.answer };
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

  #break(error: unknown) {
    this.#broken = true;
    this.#open.cancelAll("broken");
    this.#alarms.clearAll();
    this.#deltas.abandon();
    this.#outcome.reject(error);
  }
}
