/**
 * The body of a whole (not streamed) answer: OpenAI's `chat.completion`, and beside it `fusion`
 * where a trace was asked for.
 * @module
 */
import type { Answered, Choice } from "../fusion/outcome.ts";
import { traceBody } from "../observe/trace.ts";
import { usageBody } from "../openai/usage_body.ts";

export interface CompletionHead {
  /** `chatcmpl-…` */
  readonly id: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  readonly trace: boolean;
}

export function completionBody(answered: Answered, head: CompletionHead) {
  const { id, created, model, trace } = head;
  const { systemFingerprint, serviceTier } = answered;
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: answered.choices.map(choiceBody),
    usage: usageBody(answered.usage),
    ...(systemFingerprint !== undefined && { system_fingerprint: systemFingerprint }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(trace && { fusion: traceBody(answered) }),
  };
}

/** A choice with every key that OpenAI promises, whatever the upstream left out. */
function choiceBody(choice: Choice) {
  return {
    logprobs: null,
    ...choice,
    message: { role: "assistant", content: null, refusal: null, ...choice.message },
    finish_reason: choice.finish_reason ?? "stop",
  };
}
