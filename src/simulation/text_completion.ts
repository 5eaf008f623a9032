/**
 * Text completion: the older `/v1/completions`, answered as the chat would answer its prompt.
 * Source: OpenAI API reference, "Completions".
 * @module
 */
import * as z from "zod";
import type { AnswerFormat, CompleteOptions, StreamOptions } from "./answer_format.ts";
import { SYSTEM_FINGERPRINT } from "./completion_body.ts";
import type { Part } from "./part.ts";
import type { Reply } from "./reply.ts";
import { countTokens, splitPieces } from "./tokens.ts";

const textRequestSchema = z.looseObject({
  prompt: z.union([z.string(), z.array(z.string()).length(1)]),
});

/** The chat request that asks for the same; what is no prompt stays for the chat's own check. */
export function asChatBody(body: unknown): unknown {
  const parsed = textRequestSchema.safeParse(body);
  if (!parsed.success) return body;
  const { prompt, ...rest } = parsed.data;
  return { ...rest, messages: [{ role: "user", content: [prompt].flat()[0] }] };
}

export const textCompletionFormat: AnswerFormat = { complete, stream };

function complete(reply: Reply, { usage }: CompleteOptions): string {
  return JSON.stringify({
    ...envelopeOf(reply),
    choices: reply.choices.map((choice, index) => ({
      index,
      text: choice.content ?? "",
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    ...(usage ? { usage } : {}),
  });
}

function stream(reply: Reply, { request, usage, firstTokenMs, writingMs }: StreamOptions): Part[] {
  const envelope = envelopeOf(reply);
  const event = (fields: object, afterMs: number): Part => ({
    bytes: `data: ${JSON.stringify({ ...envelope, ...fields })}\n\n`,
    afterMs,
  });
  const parts = reply.choices.flatMap((choice, index) => [
    ...splitPieces(choice.content ?? "").map((text) =>
      event(
        { choices: [{ index, text, logprobs: null, finish_reason: null }] },
        writingMs(countTokens(text)),
      )
    ),
    event(
      { choices: [{ index, text: "", logprobs: null, finish_reason: choice.finishReason }] },
      0,
    ),
  ]);
  if (usage && request.stream_options?.include_usage) {
    parts.push({ ...event({ choices: [], usage }, 0), tellsUsage: true });
  }
  const [first, ...rest] = parts;
  return [
    ...(first ? [{ ...first, afterMs: firstTokenMs }] : []),
    ...rest,
    { bytes: "data: [DONE]\n\n", afterMs: 0 },
  ];
}

const envelopeOf = (reply: Reply) => ({
  id: reply.id.replace("chatcmpl", "cmpl"),
  object: "text_completion",
  created: reply.created,
  model: reply.model,
  system_fingerprint: SYSTEM_FINGERPRINT,
});
