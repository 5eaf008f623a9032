/**
 * Final call: what the calls for a client's answer share: whom to ask, on whose account, and in what
 * form the answer has to be. Makes a whole call, and mends a text that lacks its form.
 * @module
 */
import type { Account } from "../fusion/account.ts";
import { checkAnswer, repairInstruction } from "../fusion/answer_format.ts";
import { appendTurns } from "../fusion/conversation.ts";
import { usageOf } from "../fusion/usage.ts";
import type { Completion } from "../openai/chat_response.ts";
import type { ResponseFormat } from "../openai/response_format.ts";
import { repairedChoice, type RepairOptions } from "../openai/tool_call_repair.ts";
import type { Call } from "../protocol/call.ts";
import { FailureError } from "../protocol/failure.ts";
import type { SynthesisAnswer } from "../protocol/synthesis.ts";
import type { Spent } from "../protocol/upstreams.ts";
import { failureOf } from "../upstream/classify.ts";
import type { CallOptions, UpstreamClient } from "../upstream/client.ts";

export interface FinalCall {
  readonly client: UpstreamClient;
  readonly call: Call;
  readonly account: Account;
  readonly context: CallOptions;
  /** What the answer must look like, where it may not be any text. */
  readonly format: ResponseFormat | null;
}

/** An answer as it has been written; what it cost is the account's to tell. */
export type Written = Omit<SynthesisAnswer, keyof Spent>;
export type WrittenChoice = Completion["choices"][number] & {
  readonly index: number;
  readonly finish_reason: string;
};

export const TOOL_CALL_REPAIR: RepairOptions = {
  newId: () => `call_${crypto.randomUUID().replaceAll("-", "")}`,
};

/** Longest part of an answer that is sent back to be mended. */
const MAX_ECHO_CHARS = 32_000;

/** One whole answer; fails `empty` where no choice says anything. */
export async function completeCall({ client, call, account, context }: FinalCall) {
  const completion = await client.complete(call, { ...context, onLesson: account.onLesson });
  account.spend(usageOf(completion.usage));
  const choices = completion.choices.map((choice, at): WrittenChoice => {
    const { finish_reason, ...rest } = repairedChoice(choice, TOOL_CALL_REPAIR);
    return { ...rest, index: choice.index ?? at, finish_reason: finish_reason ?? "stop" };
  });
  if (!choices.some(says)) throw new FailureError(failureOf("empty"));
  return { completion, choices };
}

/** Whether a message calls, refuses or speaks, so that its text is not all that it says. */
export function hasMoreThanText(message: WrittenChoice["message"]): boolean {
  const { tool_calls: calls, refusal, function_call: legacy, audio } = message;
  return (calls?.length ?? 0) > 0 || Boolean(refusal) || Boolean(legacy) || Boolean(audio);
}

/** The text where it has the format; else what one more call makes of it. */
export async function textInFormat(
  text: string,
  format: ResponseFormat,
  final: FinalCall,
): Promise<string> {
  const first = checkAnswer(text, format);
  if (first.type === "fits") return first.text;
  const { n: _one, ...params } = final.call.params;
  const messages = appendTurns(final.call.messages, [
    { role: "assistant", content: text.slice(0, MAX_ECHO_CHARS) },
    { role: "user", content: repairInstruction(first.detail, format) },
  ]);
  const { choices } = await completeCall({ ...final, call: { ...final.call, params, messages } });
  const second = checkAnswer(choices[0]?.message.content ?? "", format);
  if (second.type === "fits") return second.text;
  throw formatError(second.message);
}

/** The same request may well fail in the same way: nobody should send it again unasked. */
export function formatError(message: string): FailureError {
  return new FailureError({ ...failureOf("malformed"), retryable: false, message });
}

/** Upstream's own words on who has answered, where it said any. */
export function originOf({ system_fingerprint, service_tier }: {
  readonly system_fingerprint?: string | null | undefined;
  readonly service_tier?: string | null | undefined;
}): Pick<SynthesisAnswer, "systemFingerprint" | "serviceTier"> {
  return {
    ...(system_fingerprint ? { systemFingerprint: system_fingerprint } : {}),
    ...(service_tier ? { serviceTier: service_tier } : {}),
  };
}

/** An answer that was cut off before its first word is one, too. */
function says({ message, finish_reason }: WrittenChoice): boolean {
  return (message.content ?? "").trim() !== "" || hasMoreThanText(message) ||
    finish_reason === "length" || finish_reason === "content_filter";
}
