/**
 * Client end: how a request ended as its client saw it, read strictly: a whole answer, an error in
 * OpenAI's shape, or left by the client itself. Whatever else came is `broken`.
 * @module
 */
import * as z from "zod";

export type ClientEnd =
  | { readonly type: "answered"; readonly status: number; readonly completionTokens: number }
  | { readonly type: "failed"; readonly status: number; readonly code: string }
  | { readonly type: "left" }
  | { readonly type: "broken"; readonly why: string };

const usageSchema = z.looseObject({ completion_tokens: z.int() });

const errorSchema = z.strictObject({
  error: z.looseObject({
    message: z.string().min(1),
    type: z.string().min(1),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

const answerSchema = z.looseObject({
  object: z.literal("chat.completion"),
  choices: z.array(z.looseObject({
    message: z.looseObject({ role: z.literal("assistant"), content: z.string().min(1) }),
    finish_reason: z.string(),
  })).min(1),
  usage: usageSchema,
});

const chunkSchema = z.looseObject({
  object: z.literal("chat.completion.chunk"),
  choices: z.array(z.looseObject({ finish_reason: z.string().nullish() })),
  usage: usageSchema.nullish(),
});

export function wholeEnd(status: number, text: string): ClientEnd {
  const body = parsed(text);
  if (status !== 200) return failedEnd(status, body);
  const answer = answerSchema.safeParse(body);
  if (!answer.success) return { type: "broken", why: `no answer: ${text.slice(0, 200)}` };
  return { type: "answered", status, completionTokens: answer.data.usage.completion_tokens };
}

/** A stream must end in `[DONE]` after a finish, or in an error: one of them, once, and at its end. */
export function streamEnd(status: number, text: string): ClientEnd {
  const blocks = text.split("\n\n").filter((block) => !block.startsWith(":"));
  if (blocks.pop() !== "") return { type: "broken", why: "a stream that ends within an event" };
  const events = blocks.map((block) => block.replace(/^data: /, ""));
  const last = events.pop();
  const chunks = events.map((event) => chunkSchema.safeParse(parsed(event)).data);
  const stray = chunks.findIndex((chunk) => chunk === undefined);
  if (stray >= 0) return { type: "broken", why: `no chunk: ${events[stray]!.slice(0, 200)}` };
  if (last !== "[DONE]") return failedEnd(status, parsed(last ?? ""));
  const finished = chunks.some((chunk) => chunk?.choices.some((each) => each.finish_reason));
  const usage = chunks.at(-1)?.usage;
  if (!finished || !usage) return { type: "broken", why: "a stream without its finish or usage" };
  return { type: "answered", status, completionTokens: usage.completion_tokens };
}

function failedEnd(status: number, body: unknown): ClientEnd {
  const found = errorSchema.safeParse(body);
  if (!found.success) {
    const shown = JSON.stringify(body)?.slice(0, 200);
    return { type: "broken", why: `status ${status} without an error: ${shown}` };
  }
  const { code, type } = found.data.error;
  return { type: "failed", status, code: code ?? type };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
