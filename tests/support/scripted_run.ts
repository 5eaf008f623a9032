/**
 * Runs that do what a test tells them to, and the values they are made of.
 * @module
 */
import type {
  Answered,
  CancelReason,
  Delta,
  Failed,
  Outcome,
  Run,
} from "../../src/fusion/outcome.ts";
import type { Profile } from "../../src/fusion/profile.ts";
import type { Usage } from "../../src/protocol/call.ts";

/** A run that waits for its test. */
export class ScriptedRun implements Run {
  readonly #outcome = Promise.withResolvers<Outcome>();
  readonly outcome = this.#outcome.promise;
  readonly deltas: ReadableStream<Delta>;
  readonly cancels: string[] = [];
  #controller!: ReadableStreamDefaultController<Delta>;
  readonly #cancelled = Promise.withResolvers<string>();

  constructor() {
    this.deltas = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
    }, { highWaterMark: 0 });
  }

  say(content: string, more: Record<string, unknown> = {}): void {
    this.send({ index: 0, delta: { content }, ...more });
  }

  send(...choices: Record<string, unknown>[]): void {
    this.#controller.enqueue({ choices });
  }

  /** Breaks the deltas alone: the outcome is still to come. */
  breakDeltas(error: Error): void {
    this.#controller.error(error);
  }

  /** Ends the deltas and settles. */
  end(outcome: Outcome = answered()): void {
    try {
      this.#controller.close();
    } catch { /* the door has let go of it */ }
    this.#outcome.resolve(outcome);
  }

  /** Breaks as only a bug can. */
  break(error: Error): void {
    this.#controller.error(error);
    this.#outcome.reject(error);
  }

  cancel(reason: CancelReason): void {
    this.cancels.push(reason);
    this.#cancelled.resolve(reason);
    this.end(failed({ reason: "cancelled", message: "Cancelled" }));
  }

  /** Resolves with the reason of the first cancel. */
  get cancelled(): Promise<string> {
    return this.#cancelled.promise;
  }
}

export const NO_USAGE: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
};

export function usage(promptTokens: number, completionTokens: number): Usage {
  return { promptTokens, completionTokens, cachedTokens: 2, reasoningTokens: 1 };
}

export function answered(change: Partial<Answered> = {}): Answered {
  return {
    type: "answered",
    outcome: "fused",
    route: "fuse",
    choices: [{
      index: 0,
      message: { role: "assistant", content: "Hello" },
      finish_reason: "stop",
    }],
    usage: usage(30, 12),
    usageByModel: [
      { stage: "panel", model: "alpha", usage: usage(20, 8), costUsd: 0.002 },
      { stage: "synthesis", model: "omega", usage: usage(10, 4), costUsd: 0.001 },
    ],
    trace: {
      seed: "seed-1",
      panel: [
        {
          label: "A",
          model: "alpha",
          layer: 1,
          status: "answered",
          startMs: 1,
          ms: 20,
          usage: usage(20, 8),
          share: 0.6,
        },
        {
          label: "B",
          model: "beta",
          layer: 1,
          status: "timeout",
          startMs: 1,
          ms: 50,
          usage: NO_USAGE,
        },
      ],
      analysis: { consensus: ["yes"] },
      stages: [
        { stage: "panel", startMs: 1, ms: 50, usage: usage(20, 8), costUsd: 0.002 },
        { stage: "synthesis", startMs: 51, ms: 30, usage: usage(10, 4), costUsd: 0.001 },
      ],
      moments: [{ atMs: 20, what: "quorum" }],
      costUsd: 0.003,
      dominantShare: 0.6,
    },
    ...change,
  };
}

export function failed(change: Partial<Failed> = {}): Failed {
  const { route, usage, usageByModel, trace } = answered();
  return {
    type: "failed",
    reason: "upstream_error",
    message: "Cannot get an answer: the upstream failed",
    members: [],
    route,
    usage,
    usageByModel,
    trace: { ...trace, analysis: null, dominantShare: null },
    ...change,
  };
}

export function profile(change: Partial<Profile> = {}): Profile {
  const model = (id: string) => ({ id, backend: "default", model: id });
  return {
    name: "default",
    deadlineMs: 60_000,
    router: { policy: "always_fuse", singleModel: model("solo"), threshold: 0.5 },
    panel: {
      members: [model("alpha"), model("beta")],
      selfMoa: false,
      samples: 1,
      minQuorum: 1,
      timeoutMs: 30_000,
      belowQuorum: "fail",
    },
    aggregator: {
      judge: model("judge"),
      synthesizer: model("omega"),
      anonymizeSources: true,
      normalizeLength: true,
      singleSourceCap: true,
      layers: 1,
      maxReferenceChars: 8_000,
      mode: "synthesize",
      judgeSwaps: 1,
      maxShare: 0.8,
      consensusThreshold: 0.8,
    },
    tools: { policy: "bypass" },
    stream: { keepalive: "chunk", keepaliveMs: 10_000 },
    ...change,
  };
}
