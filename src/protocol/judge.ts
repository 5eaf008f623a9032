/**
 * Judge: the conversation between the coordinator and the judge: the references, read in one order or
 * in two at once; back comes one analysis that has passed its schema, or the labels that were picked.
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
    task: z.enum(["analyse", "select"]),
    /** The labels that the references bear; an analysis may speak of no other. */
    labels: z.array(z.string()),
    /** The same references in another order, under labels of their own. */
    second: z.strictObject({
      /** In the place of the call's. */
      messages: z.string(),
      /** The first reading's labels, by the second one's. */
      labels: z.record(z.string(), z.string()),
    }).optional(),
  }),
  answer: z.discriminatedUnion("task", [
    spentSchema.extend({
      task: z.literal("analyse"),
      /** As fusion/analysis.ts has checked it. */
      analysis: z.looseObject({}),
      repaired: z.boolean(),
    }),
    spentSchema.extend({
      task: z.literal("select"),
      /** A label of the first reading for each reading that picked one; never none at all. */
      picks: z.array(z.string()),
    }),
  ]),
  partial: spentSchema,
} as const;

export type JudgeAsk = z.infer<typeof judgeProtocol.ask>;
export type JudgeAnswer = z.infer<typeof judgeProtocol.answer>;
