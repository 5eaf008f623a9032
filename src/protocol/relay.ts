/**
 * Relay: the conversation between the system and the actor that passes requests through: one request
 * as its client wrote it, and its answer as the upstream wrote it. The answer's text goes over the
 * ask's private port (protocol/deltas.ts): whole as one text; streamed as an empty one when the
 * upstream has accepted, then its events.
 * @module
 */
import * as z from "zod";
import { spentSchema, upstreamsSchema } from "./upstreams.ts";

const relayCallSchema = z.strictObject({
  /** Name of the configured backend; the worker knows its URL and key from its start message. */
  backend: z.string(),
  /** As the upstream knows it. */
  model: z.string(),
  /** What is appended to the backend's URL. */
  path: z.enum(["chat/completions", "completions", "embeddings"]),
  /** JSON text, sent as it is. */
  body: z.string(),
  /** Whether the body asks for a stream. */
  stream: z.boolean(),
  /** Epoch milliseconds at which the call gives up with `timeout`. */
  timeoutAt: z.number(),
});
export type RelayCall = z.infer<typeof relayCallSchema>;

export const relayProtocol = {
  role: "relay",
  start: upstreamsSchema,
  ask: z.strictObject({ call: relayCallSchema }),
  answer: spentSchema,
  partial: spentSchema,
} as const;

export type RelayAsk = z.infer<typeof relayProtocol.ask>;
export type RelayAnswer = z.infer<typeof relayProtocol.answer>;
