/**
 * Synthesis: the conversation between the coordinator and the synthesizer, who makes the final
 * call: the fused answer, or the only one on the single route. Streamed deltas go over the ask's
 * private port (protocol/deltas.ts); the answer here is what they add up to.
 * @module
 */
import * as z from "zod";
import { callSchema } from "./call.ts";
import { spentSchema, upstreamsSchema } from "./upstreams.ts";

export const synthesisProtocol = {
  role: "synthesizer",
  start: upstreamsSchema,
  ask: z.strictObject({ call: callSchema, stream: z.boolean() }),
  answer: spentSchema.extend({
    /** The upstream's `choices`, whole; a streamed answer's are empty (they went as deltas). */
    choices: z.array(z.looseObject({ index: z.int(), finish_reason: z.string().nullable() })),
    /** The text of the first choice, streamed or not. */
    text: z.string(),
    systemFingerprint: z.string().optional(),
    serviceTier: z.string().optional(),
  }),
  partial: spentSchema,
} as const;

export type SynthesisAsk = z.infer<typeof synthesisProtocol.ask>;
export type SynthesisAnswer = z.infer<typeof synthesisProtocol.answer>;
