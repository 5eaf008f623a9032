/**
 * Deltas: the second path, from the synthesizer straight to whoever reads the answer. The writer
 * spends one credit for each item and waits when it has none; the reader grants credit as it reads.
 * @module
 */
import * as z from "zod";

export const toReaderSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("items"), items: z.array(z.unknown()).min(1) }),
  z.strictObject({ type: z.literal("end") }),
]);
export type ToReader = z.infer<typeof toReaderSchema>;

export const toWriterSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("credit"), items: z.int().positive() }),
  z.strictObject({ type: z.literal("close") }),
]);
export type ToWriter = z.infer<typeof toWriterSchema>;
