/**
 * Envelope: how an ask and its end travel between a coordinator and an actor. The payload inside is
 * checked by the role's own protocol; the envelope is the same for all.
 * @module
 */
import * as z from "zod";
import { failureSchema } from "./failure.ts";

export const askSchema = z.strictObject({
  type: z.literal("ask"),
  ask: z.string(),
  /** Epoch milliseconds; after this nobody waits for the answer. */
  deadlineAt: z.number(),
  payload: z.unknown(),
  /** A private port for what is too fast for the mailbox; transferred with the message. */
  port: z.custom<MessagePort>((value) => value instanceof MessagePort).optional(),
});

export const cancelSchema = z.strictObject({
  type: z.literal("cancel"),
  ask: z.string(),
  reason: z.string(),
});

export const answeredSchema = z.strictObject({
  type: z.literal("answered"),
  ask: z.string(),
  payload: z.unknown(),
});

export const failedSchema = z.strictObject({
  type: z.literal("failed"),
  ask: z.string(),
  failure: failureSchema,
  /** What is still worth knowing of a failed ask, by the role's protocol (tokens spent). */
  partial: z.unknown().optional(),
});
