/**
 * Panel: the conversation between the coordinator and a panel member: one call, one answer's text.
 * @module
 */
import * as z from "zod";
import { callSchema } from "./call.ts";
import { toolCallSchema } from "./tool_call.ts";
import { spentSchema, upstreamsSchema } from "./upstreams.ts";

export const panelProtocol = {
  role: "panel_member",
  start: upstreamsSchema,
  ask: z.strictObject({ call: callSchema }),
  answer: spentSchema.extend({
    /** Never blank: an empty or refused answer is a failure. Calls are told in it as text, too. */
    text: z.string(),
    /** Calls of tools that the ask offers. */
    calls: z.array(toolCallSchema).optional(),
    finishReason: z.string().nullable(),
  }),
  partial: spentSchema,
} as const;

export type PanelAsk = z.infer<typeof panelProtocol.ask>;
export type PanelAnswer = z.infer<typeof panelProtocol.answer>;
