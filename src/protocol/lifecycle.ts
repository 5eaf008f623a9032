/**
 * Lifecycle: the messages of an actor's birth, life and end. Web Workers die without a word and
 * lose what is posted before they listen; hence `listening` before `start`, `ready` before the
 * first ask, `ping` while it lives and `exited` when it goes by itself.
 * @module
 */
import * as z from "zod";
import { answeredSchema, askSchema, cancelSchema, failedSchema } from "./envelope.ts";

/** What an actor receives. */
export const toActorSchema = z.discriminatedUnion("type", [
  askSchema,
  cancelSchema,
  z.strictObject({
    type: z.literal("start"),
    /** The sender's time, epoch milliseconds: actors keep time by it, whatever the wall clock does. */
    now: z.number(),
    config: z.unknown(),
  }),
  z.strictObject({ type: z.literal("ping") }),
  z.strictObject({ type: z.literal("shutdown") }),
]);
export type ToActor = z.infer<typeof toActorSchema>;

/** What an actor sends. */
export const fromActorSchema = z.discriminatedUnion("type", [
  answeredSchema,
  failedSchema,
  z.strictObject({ type: z.literal("listening") }),
  z.strictObject({ type: z.literal("ready"), role: z.string() }),
  z.strictObject({ type: z.literal("pong") }),
  z.strictObject({ type: z.literal("exited") }),
  /** `error` is a class and a place, never a message: that may quote what was worked on. */
  z.strictObject({ type: z.literal("crashed"), error: z.string() }),
]);
export type FromActor = z.infer<typeof fromActorSchema>;

/** Why an actor is gone: it broke, it did not answer its pings, or it went without being asked to. */
export type DownReason = "crashed" | "unresponsive" | "exited";
