/**
 * Call: one request to an upstream, as every worker actor receives it, and the tokens it used.
 *
 * The conversation travels as JSON text: it is written once per stage by the coordinator and
 * pasted into each member's body, instead of being cloned and serialized once per member.
 * @module
 */
import * as z from "zod";
import { quirkSchema } from "./quirk.ts";

/** On every request to an upstream, so that a gateway that is its own upstream notices. */
export const DEPTH_HEADER = "x-tutti-depth";

export const callSchema = z.strictObject({
  /** Name of the configured backend; the worker knows its URL and key from its start message. */
  backend: z.string(),
  model: z.string(),
  /** JSON text of the `messages` array. */
  messages: z.string(),
  /** Every other body parameter (`temperature`, `max_tokens`, `tools`, …), as sent upstream. */
  params: z.record(z.string(), z.unknown()),
  /**
   * What may be left out for an upstream that refuses it: parameters that are ours, not the
   * caller's, and `parts` for content parts other than text.
   */
  droppable: z.array(z.string()),
  /** What this model is known not to take. */
  quirks: z.array(quirkSchema).optional(),
  /** Epoch milliseconds at which the call gives up with `timeout`. */
  timeoutAt: z.number(),
});
export type Call = z.infer<typeof callSchema>;

export const usageSchema = z.strictObject({
  promptTokens: z.number(),
  completionTokens: z.number(),
  /** Part of `promptTokens` that the upstream served from its cache. */
  cachedTokens: z.number(),
  /** Part of `completionTokens` spent on reasoning. */
  reasoningTokens: z.number(),
});
/** Tokens of one call or a sum over calls. */
export type Usage = z.infer<typeof usageSchema>;
