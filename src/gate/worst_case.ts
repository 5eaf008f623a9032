/**
 * Worst case: the most that a request may use before it is let in: tokens and US dollars over every
 * upstream call that its route can make. Pure.
 *
 * It is reserved against the key's limits and gives way to the real figures when the request has
 * ended, so it should be above them nearly always, and need not be near. What nobody can know is
 * assumed: an answer without a bound of its own stays within 4,096 tokens; a text has at most one
 * token for two bytes of UTF-8 (true of prose and code in every script, not of random letters); an
 * image, a recording or a file counts 2,000. A bound (`max_tokens` of a member, the caller's
 * `max_completion_tokens` or `max_tokens`) makes it tighter. Of a model and its fallback the dearer
 * counts; calls that are made again because they failed or were slow do not.
 * @module
 */
import { type Parameters } from "../fusion/parameters.ts";
import { panelPlan } from "../fusion/panel_plan.ts";
import { costUsd } from "../fusion/price.ts";
import type { ModelRef, Price, Profile } from "../fusion/profile.ts";
import type { RunRequest } from "../fusion/run_request.ts";
import { NO_USAGE } from "../fusion/usage.ts";
import type { ChatRequest, Message } from "../openai/chat_request.ts";

export interface WorstCase {
  /** Prompt and completion tokens together. */
  readonly tokens: number;
  readonly costUsd: number;
}

export type WorstCaseOf = Pick<RunRequest, "profile" | "request" | "route">;

/** @param priceOf by the model's configured id */
export function worstCase(
  { profile, request, route }: WorstCaseOf,
  priceOf: (model: string) => Price | undefined,
): WorstCase {
  const sum = (calls: readonly Call[]) => total(calls, priceOf);
  switch (route) {
    case "single":
      return sum(singleCalls(profile, request));
    case "fuse":
      return sum(fusedCalls(profile, request));
    case "classify": {
      const router = sum([routerCall(profile)]);
      const [single, fused] = [
        sum(singleCalls(profile, request)),
        sum(fusedCalls(profile, request)),
      ];
      return {
        tokens: router.tokens + Math.max(single.tokens, fused.tokens),
        costUsd: router.costUsd + Math.max(single.costUsd, fused.costUsd),
      };
    }
    default:
      return route satisfies never;
  }
}

/** Of UTF-8. */
export const BYTES_PER_TOKEN = 2;
/** An answer whose length nobody bounds. */
export const ASSUMED_ANSWER_TOKENS = 4_096;
/** An image, a recording, a file. */
const ASSUMED_PART_TOKENS = 2_000;
/** What a stage puts around the conversation and the references: under 500 tokens in any of them. */
const INSTRUCTION_TOKENS = 1_000;
/** Label, fence and note around one reference. */
const REFERENCE_FRAME_TOKENS = 60;
/** Role and separators of one message. */
const MESSAGE_FRAME_TOKENS = 8;
/** The classifier sees the conversation's end only and writes a number. */
const ROUTER_PROMPT_TOKENS = 2_500;
const ROUTER_ANSWER_TOKENS = 64;

interface Call {
  /** Who may be asked; the dearest of them counts. */
  readonly models: readonly (ModelRef | undefined)[];
  readonly promptTokens: number;
  readonly completionTokens: number;
}

function routerCall({ router }: Profile): Call {
  return {
    models: [router.classifierModel ?? router.singleModel],
    promptTokens: ROUTER_PROMPT_TOKENS,
    completionTokens: ROUTER_ANSWER_TOKENS,
  };
}

function singleCalls({ router, aggregator }: Profile, request: ChatRequest): readonly Call[] {
  const { synthesizer, synthesizerFallback } = aggregator;
  return final(request, {
    // In the middle of a tool loop it may be the synthesizer's turn.
    models: [router.singleModel, router.singleFallback, synthesizer, synthesizerFallback],
    promptTokens: conversationTokens(request),
    completionTokens: finalTokens(request),
  });
}

function fusedCalls(profile: Profile, request: ChatRequest): readonly Call[] {
  const { judge, synthesizer, layers, maxReferenceChars, ...fallbacks } = profile.aggregator;
  const { mode, judgeSwaps, singleSourceCap, maxShare } = profile.aggregator;
  const conversation = conversationTokens(request);
  const panel = panelPlan(profile, request).map(({ member, params }) => ({
    models: [member, member.fallback],
    promptTokens: conversation + mostTokens(member.system ?? ""),
    completionTokens: bound(params) ?? ASSUMED_ANSWER_TOKENS,
  }));
  // No reference is shown longer than so many characters, and a token is one at the least.
  const references = panel.reduce(
    (sum, { completionTokens }) =>
      sum + Math.min(completionTokens, maxReferenceChars) + REFERENCE_FRAME_TOKENS,
    INSTRUCTION_TOKENS,
  );
  const judging = {
    models: [judge, fallbacks.judgeFallback],
    promptTokens: conversation + references,
    completionTokens: ASSUMED_ANSWER_TOKENS,
  };
  const synthesis = {
    models: [synthesizer, fallbacks.synthesizerFallback],
    promptTokens: conversation + references + judging.completionTokens,
    completionTokens: finalTokens(request),
  };
  const readings = mode === "select" || mode === "vote" ? 2 : judgeSwaps;
  const reading = [judging, repairOf(judging)];
  // What is of one source is written once more, but not what has been streamed.
  const mayRewrite = singleSourceCap && maxShare < 1 && request.stream !== true;
  const writing = final(request, synthesis);
  const calls: Call[] = [
    ...(mode === "cascade" ? singleCalls(profile, request) : []),
    ...panel,
    ...(readings === 2 ? [...reading, ...reading] : reading),
    ...(mayRewrite ? [...writing, ...writing] : writing),
  ];
  for (let layer = 1; layer < layers; layer++) {
    for (const call of panel) {
      calls.push({ ...call, promptTokens: call.promptTokens + references });
    }
  }
  return calls;
}

/** The call that the caller's answer comes from; one in a form may have to be written again. */
function final(request: ChatRequest, call: Call): readonly Call[] {
  const hasForm = request["response_format"] !== undefined && request["response_format"] !== null;
  return hasForm ? [call, repairOf(call)] : [call];
}

/** The same once more, behind its own answer and what is wrong with it. */
function repairOf(call: Call): Call {
  return {
    ...call,
    promptTokens: call.promptTokens + call.completionTokens + INSTRUCTION_TOKENS,
  };
}

function total(
  calls: readonly Call[],
  priceOf: (model: string) => Price | undefined,
): WorstCase {
  let tokens = 0;
  let cost = 0;
  for (const { models, promptTokens, completionTokens } of calls) {
    tokens += promptTokens + completionTokens;
    const usage = { ...NO_USAGE, promptTokens, completionTokens };
    cost += Math.max(...models.map((model) => model ? costUsd(usage, priceOf(model.id)) : 0));
  }
  return { tokens, costUsd: cost };
}

/** The answer that the caller gets, `n` times where it asks for several. */
function finalTokens(request: ChatRequest): number {
  return (bound(request) ?? ASSUMED_ANSWER_TOKENS) * (request.n ?? 1);
}

function bound(params: Parameters): number | undefined {
  for (const name of ["max_completion_tokens", "max_tokens"]) {
    const value = params[name];
    if (typeof value === "number") return value;
  }
  return undefined;
}

function conversationTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const message of request.messages) tokens += messageTokens(message);
  for (const name of ["tools", "functions", "response_format"]) {
    const value = request[name];
    if (value !== undefined && value !== null) tokens += mostTokens(JSON.stringify(value));
  }
  return tokens;
}

function messageTokens({ content, tool_calls }: Message): number {
  let tokens = MESSAGE_FRAME_TOKENS;
  if (tool_calls !== undefined) tokens += mostTokens(JSON.stringify(tool_calls) ?? "");
  if (typeof content === "string") return tokens + mostTokens(content);
  for (const part of content ?? []) {
    tokens += typeof part.text === "string" ? mostTokens(part.text) : ASSUMED_PART_TOKENS;
  }
  return tokens;
}

/** Far cheaper than an estimate (fusion/tokens.ts), and above it. */
function mostTokens(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Half of a surrogate pair is two bytes of four.
    if (code >= 0x80) bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
