/**
 * Judge: the conversation between the coordinator and the judge: one call over the references, one
 * analysis that has passed its schema.
 * @module
 */
import * as z from "zod";
import { callSchema } from "./call.ts";
import { spentSchema, upstreamsSchema } from "./upstreams.ts";

export const judgeProtocol = {
  role: "judge",
  start: upstreamsSchema,
  ask: z.strictObject({
    call: callSchema,
    /** The labels that the references bear; an analysis may speak of no other. */
    labels: z.array(z.string()),
  }),
  answer: spentSchema.extend({
    /** As fusion/analysis.ts has checked it. */
    analysis: z.looseObject({}),
    repaired: z.boolean(),
  }),
  partial: spentSchema,
} as const;

export type JudgeAsk = z.infer<typeof judgeProtocol.ask>;
export type JudgeAnswer = z.infer<typeof judgeProtocol.answer>;
