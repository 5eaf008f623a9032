/**
 * Coordinator: the actor of one run, in this thread. The shell around fusion/course.ts: it performs
 * the course's effects (asks of workers, cancels, timers) and sends back what comes of them. What
 * goes out is the {@link Run} that the HTTP room reads.
 * @module
 */
import { bestAnswer } from "../src/fusion/degrade.ts";
import { newCourse, step } from "../src/fusion/course.ts";
import type {
  CourseEffect,
  CourseEvent,
  CourseState,
  Ending,
  TimerName,
} from "../src/fusion/course_state.ts";
import { parseDifficulty } from "../src/fusion/difficulty.ts";
import { asFinalText } from "../src/fusion/final_text.ts";
import { type Delta, type Outcome, type Run } from "../src/fusion/outcome.ts";
import {
  type PreparedReference,
  prepareReferences,
  type StagedReferences,
  stageReferences,
} from "../src/fusion/references.ts";
import { judgePrompt, refinePrompt, synthesisPrompt } from "../src/fusion/prompts.ts";
import { type Analysis, relabel } from "../src/fusion/analysis.ts";
import {
  finalCall,
  judgeCall,
  memberCall,
  planRun,
  routerCall,
  type RunPlan,
} from "../src/fusion/run_plan.ts";
import type { RunRequest } from "../src/fusion/run_request.ts";
import { type FinalAnswer, settle, type SettleOptions } from "../src/fusion/settle.ts";
import { NO_USAGE } from "../src/fusion/usage.ts";
import type { JudgeAnswer, JudgeAsk } from "../src/protocol/judge.ts";
import type { PanelAnswer, PanelAsk } from "../src/protocol/panel.ts";
import type { SynthesisAnswer, SynthesisAsk } from "../src/protocol/synthesis.ts";
import { failureOf, type Terminal } from "../src/protocol/terminal.ts";
import type { Spent, Upstreams } from "../src/protocol/upstreams.ts";
import type { Clock, Timer } from "../src/runtime/clock.ts";
import { CreditReader } from "../src/runtime/credit_stream.ts";
import { LocalActor } from "../src/runtime/local_actor.ts";
import type { CancelAsk, Spread, WorkerPool } from "../src/runtime/worker_pool.ts";

export interface CoordinatorOptions {
  readonly panel: WorkerPool<Upstreams, PanelAsk, PanelAnswer, Spent>;
  readonly judge: WorkerPool<Upstreams, JudgeAsk, JudgeAnswer, Spent>;
  readonly synthesizer: WorkerPool<Upstreams, SynthesisAsk, SynthesisAnswer, Spent>;
  readonly clock: Clock;
  /** Unique among the runs of this process: asks are named after it. */
  readonly runId: string;
  /** What labels, orders and fences are drawn from. */
  readonly seed: string;
  readonly timeoutMsOf: (backend: string) => number;
  readonly costUsdOf: SettleOptions["costUsdOf"];
}

/** Starts the run; everything further happens on messages. */
export function startRun(request: RunRequest, options: CoordinatorOptions): Run {
  return new Coordinator(request, options).run;
}

type AskEffect = Extract<CourseEffect, { type: "ask" }>;
type Answered = Omit<Extract<CourseEvent, { type: "answered" }>, "type" | "at" | "ask">;

class Coordinator {
  readonly run: Run;
  readonly #plan: RunPlan;
  readonly #course: LocalActor<CourseState, CourseEvent, CourseEffect>;
  readonly #cancels = new Map<string, CancelAsk>();
  readonly #timers = new Map<TimerName, Timer>();
  readonly #spread: Spread = new Map();
  readonly #deltas: CreditReader<Delta>;
  readonly #outcome = Promise.withResolvers<Outcome>();
  #prepared: { of: CourseState["layerAnswers"]; references: PreparedReference[] } | undefined;
  #judged: StagedReferences | undefined;
  #synthesis: SynthesisAnswer | undefined;

  constructor(readonly request: RunRequest, readonly options: CoordinatorOptions) {
    this.#plan = planRun(request, options);
    this.#deltas = new CreditReader<Delta>({
      parse: (item) => item as Delta,
      onFirst: () => this.#course.sendUrgent({ type: "first_delta", at: this.#now() }),
    });
    this.#course = new LocalActor({
      state: newCourse(this.#plan.course),
      step,
      perform: (effect, state) => this.#perform(effect, state),
    });
    this.run = {
      outcome: this.#outcome.promise,
      deltas: this.#deltas.stream,
      cancel: () => this.#course.sendUrgent({ type: "cancel", at: this.#now() }),
    };
    this.#course.send({ type: "start", at: this.#now() });
  }

  #now(): number {
    return this.options.clock.now();
  }

  #perform(effect: CourseEffect, state: CourseState) {
    switch (effect.type) {
      case "ask":
        return this.#ask(effect, state);
      case "cancel":
        return this.#cancels.get(effect.ask)?.(effect.reason);
      case "set_timer":
        this.#timers.get(effect.timer)?.clear();
        this.#timers.set(
          effect.timer,
          this.options.clock.at(
            effect.at,
            () => this.#course.send({ type: "timer", timer: effect.timer, at: this.#now() }),
          ),
        );
        return;
      case "clear_timer":
        this.#timers.get(effect.timer)?.clear();
        this.#timers.delete(effect.timer);
        return;
      case "finish":
        return this.#finish(effect.ending, state);
      default:
        return effect satisfies never;
    }
  }

  // ---- Asks, one per stage

  #ask(effect: AskEffect, state: CourseState) {
    switch (effect.stage) {
      case "router":
        return this.#askRouter(effect);
      case "panel":
        return this.#askMember(effect, state);
      case "judge":
        return this.#askJudge(effect, state);
      case "synthesis":
      case "single":
        return this.#askFinal(effect, effect.stage, state);
      default:
        return effect.stage satisfies never;
    }
  }

  #askRouter(effect: AskEffect) {
    const call = routerCall(this.request, this.#plan, effect);
    this.#send(this.options.panel, effect, { call }, ({ usage, text }) => ({
      usage,
      score: parseDifficulty(text),
    }));
  }

  #askMember(effect: AskEffect, state: CourseState) {
    const planned = this.#plan.panel[effect.slot]!;
    const prompt = effect.layer === 0
      ? undefined
      : refinePrompt(this.#stage(state, `refine.${effect.layer}.${effect.slot}`));
    const call = memberCall(planned, this.#plan, {
      prompt,
      timeoutAt: Math.min(
        effect.timeoutAt,
        this.#now() + this.options.timeoutMsOf(planned.member.backend),
      ),
    });
    this.#send(this.options.panel, effect, { call }, ({ usage, text }) => ({ usage, text }), {
      spread: this.#spread,
    });
  }

  #askJudge(effect: AskEffect, state: CourseState) {
    const staged = this.#judged = this.#stage(state, "judge");
    const call = judgeCall(this.request, this.#plan, {
      prompt: judgePrompt(staged, this.request.profile.aggregator),
      timeoutAt: effect.timeoutAt,
    });
    const labels = staged.order.map(({ label }) => label);
    this.#send(this.options.judge, effect, { call, labels }, ({ usage, analysis }) => ({
      usage,
      analysis: analysis as unknown as Analysis,
    }));
  }

  #askFinal(effect: AskEffect, stage: "synthesis" | "single", state: CourseState) {
    const call = finalCall(this.request, this.#plan, {
      stage,
      prompt: stage === "synthesis" ? this.#synthesisPrompt(state) : undefined,
      timeoutAt: effect.timeoutAt,
    });
    const { stream } = this.request;
    const channel = stream ? new MessageChannel() : undefined;
    if (channel) this.#deltas.attach(channel.port1);
    this.#send(this.options.synthesizer, effect, { call, stream }, (answer) => {
      this.#synthesis = answer;
      return { usage: answer.usage, text: answer.text };
    }, channel ? { port: channel.port2 } : {});
  }

  #send<Ask, Answer extends { usage: Answered["usage"] }>(
    pool: WorkerPool<Upstreams, Ask, Answer, Spent>,
    { ask }: AskEffect,
    payload: Ask,
    read: (answer: Answer) => Answered,
    extra: { port?: MessagePort; spread?: Spread } = {},
  ) {
    const onTerminal = (terminal: Terminal<Answer, Spent>) => {
      this.#cancels.delete(ask);
      const at = this.#now();
      if (terminal.type === "answered") {
        return void this.#course.send({ type: "answered", at, ask, ...read(terminal.payload) });
      }
      const usage = terminal.type === "failed" ? terminal.partial?.usage ?? NO_USAGE : NO_USAGE;
      this.#course.send({ type: "failed", at, ask, failure: failureOf(terminal), usage });
    };
    const cancel = pool.ask(`${this.options.runId}.${ask}`, payload, {
      deadlineAt: this.request.deadlineAt,
      onTerminal,
      ...extra,
    });
    this.#cancels.set(ask, cancel);
  }

  // ---- References

  /** The last layer's answers, prepared once for every stage that reads them. */
  #references(state: CourseState): PreparedReference[] {
    if (this.#prepared?.of !== state.layerAnswers) {
      const { anonymizeSources, normalizeLength, maxReferenceChars } =
        this.request.profile.aggregator;
      this.#prepared = {
        of: state.layerAnswers,
        references: prepareReferences(
          state.layerAnswers.map(({ slot, text }) => ({
            slot,
            text,
            model: this.#plan.panel[slot]!.member.model,
          })),
          {
            anonymize: anonymizeSources,
            normalizeLength,
            maxReferenceChars,
            names: this.#plan.panel.map(({ member }) => member.model),
          },
        ),
      };
    }
    return this.#prepared.references;
  }

  #stage(state: CourseState, stage: string): StagedReferences {
    return stageReferences(this.#references(state), { seed: this.options.seed, stage });
  }

  #synthesisPrompt(state: CourseState): string {
    const staged = this.#stage(state, "synthesis");
    const analysis = state.analysis &&
      relabel(
        state.analysis,
        new Map(this.#judged?.order.map(({ slot, label }) => [label, staged.labelOf(slot)])),
      );
    return synthesisPrompt(staged, analysis, this.request.profile.aggregator);
  }

  // ---- The end

  #finish(ending: Ending, state: CourseState) {
    const final = ending.type === "answered" ? this.#finalAnswer(ending, state) : undefined;
    this.#outcome.resolve(settle(state, ending, {
      request: this.request,
      panel: this.#plan.panel,
      seed: this.options.seed,
      references: this.#prepared?.references ?? [],
      judged: this.#judged,
      final,
      costUsdOf: this.options.costUsdOf,
    }));
    // A synthesizer that answered has said `end` on its own port; of any other nothing comes.
    if (this.#synthesis) this.#deltas.end();
    else this.#deltas.abandon();
  }

  #finalAnswer({ rung }: Extract<Ending, { type: "answered" }>, state: CourseState): FinalAnswer {
    if (rung !== "best_answer" && this.#synthesis) return this.#synthesis;
    const reliability = new Map(
      this.#judged?.order.flatMap(({ slot, label }) => {
        const score = state.analysis?.reliability[label];
        return score === undefined ? [] : [[slot, score] as const];
      }),
    );
    const slot = bestAnswer(this.#references(state), reliability);
    const answer = state.layerAnswers.find((each) => each.slot === slot)!;
    const { text, finishReason } = asFinalText(answer.text, this.request.request);
    if (this.request.stream) {
      this.#deltas.put({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
      this.#deltas.put({ choices: [{ index: 0, delta: {}, finish_reason: finishReason }] });
    }
    const message = { role: "assistant", content: text, refusal: null };
    return { text, choices: [{ index: 0, message, finish_reason: finishReason, logprobs: null }] };
  }
}
