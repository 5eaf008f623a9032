/**
 * What an upstream answers: a completion, or a chunk of a streamed one. Loose, and tolerant of what
 * real servers send (`content: null`, no usage, reasoning in either of two fields).
 * Source: OpenAI API reference, "The chat completion object", "The chat completion chunk object".
 * @module
 */
import * as z from "zod";

const count = z.number().nonnegative().nullish();

export const upstreamUsageSchema = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.looseObject({ cached_tokens: count }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: count }).nullish(),
});

export const completionSchema = z.looseObject({
  choices: z.array(z.looseObject({
    index: z.int().optional(),
    message: z.looseObject({
      content: z.string().nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(z.looseObject({})).nullish(),
      reasoning_content: z.string().nullish(),
      reasoning: z.unknown().optional(),
    }),
    finish_reason: z.string().nullish(),
  })).min(1),
  usage: upstreamUsageSchema.nullish(),
  system_fingerprint: z.string().nullish(),
  service_tier: z.string().nullish(),
});
export type Completion = z.infer<typeof completionSchema>;

export const chunkSchema = z.looseObject({
  choices: z.array(z.looseObject({
    index: z.int().optional(),
    delta: z.looseObject({
      content: z.string().nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(z.looseObject({})).nullish(),
    }).nullish(),
    finish_reason: z.string().nullish(),
  })).default([]),
  usage: upstreamUsageSchema.nullish(),
  system_fingerprint: z.string().nullish(),
  service_tier: z.string().nullish(),
});
export type Chunk = z.infer<typeof chunkSchema>;
