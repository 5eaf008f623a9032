/**
 * Simulated model: how one model of the simulation behaves. Settings come in with every field
 * optional, a model goes out with every field set. The default model is instant, flawless and accepts
 * every parameter.
 * @module
 */
import { fillerText } from "./filler.ts";
import { hashText } from "./rng.ts";

/** Parameters that real servers are known to refuse with a 400 (see refusal.ts). */
export const refusals = [
  "temperature",
  "system",
  "alternation",
  "stream_options",
  "max_tokens",
  "image",
  "tools",
  "response_format",
  "unknown",
] as const;
export type Refusal = typeof refusals[number];

/** Ways to write an answer. `wrong` is confidently wrong, the others differ in what they add. */
export const personas = ["concise", "thorough", "practical", "sceptical", "wrong"] as const;
export type Persona = typeof personas[number];

/** How often a request meets which fault: probabilities, 0 to 1, at most one fault per request. */
export interface FailureRates {
  /** Answers 500. */
  readonly http500: number;
  /** Answers 429 with `Retry-After`. */
  readonly http429: number;
  /** Never answers. */
  readonly hang: number;
  /** Breaks the body off and closes the socket. */
  readonly cut: number;
  /** Answers 200 with what is no JSON, or no event stream. */
  readonly malformed: number;
  /** Answers 200 with `content: null` or `""`. */
  readonly empty: number;
  /** Sends the body a byte at a time. */
  readonly drip: number;
}
export type FaultName = keyof FailureRates;

export interface ModelSettings {
  /** Time to the first token: fixed, or log-normal around a median. Milliseconds. */
  readonly firstTokenMs?: number | { readonly median: number; readonly sigma: number };
  /** `Infinity` (the default) writes the whole answer at once. */
  readonly tokensPerSecond?: number;
  readonly failures?: Partial<FailureRates>;
  /** What a 429 asks its client to wait, in seconds. */
  readonly retryAfterS?: number;
  /** Between two bytes of a dripped body. */
  readonly dripMs?: number;
  readonly refuses?: readonly Refusal[];
  /** Default: one of the right ones, by the model's name. */
  readonly persona?: Persona;
  /** Answers are filler of this many bytes, whatever is asked: for load tests. */
  readonly answerBytes?: number;
  /** Writes `reasoning_content` before its content. */
  readonly reasoning?: boolean;
  /** Part of each prompt reported as served from a cache, 0 to 1. */
  readonly cachedShare?: number;
}

export interface SimulatedModel extends ModelSettings {
  readonly name: string;
}

/** A model with every setting decided. */
export interface Model extends Required<Omit<SimulatedModel, "answerBytes">> {
  readonly failures: FailureRates;
  /** What it answers, where `answerBytes` is set. */
  readonly filler?: string;
}

/** Decides what `model` leaves open: by `defaults`, else by the built-in defaults. */
export function resolveModel(model: SimulatedModel, defaults: ModelSettings = {}): Model {
  const { answerBytes, ...settings } = { ...defaults, ...model };
  return {
    firstTokenMs: 0,
    tokensPerSecond: Infinity,
    retryAfterS: 1,
    dripMs: 1_000,
    refuses: [],
    persona: personas[hashText(model.name) % 4]!,
    reasoning: false,
    cachedShare: 0,
    ...settings,
    filler: answerBytes === undefined ? undefined : fillerText(model.name, answerBytes),
    failures: { ...noFailures, ...defaults.failures, ...model.failures },
  };
}

const noFailures: FailureRates = {
  http500: 0,
  http429: 0,
  hang: 0,
  cut: 0,
  malformed: 0,
  empty: 0,
  drip: 0,
};
