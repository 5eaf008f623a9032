/**
 * Upstreams: the start message of every worker actor that calls an upstream. The only place where
 * a key crosses a border, and only to the workers that need it.
 * @module
 */
import * as z from "zod";
import { usageSchema } from "./call.ts";
import { quirkSchema } from "./quirk.ts";

export const upstreamsSchema = z.strictObject({
  upstreams: z.array(z.strictObject({
    name: z.string(),
    baseUrl: z.url(),
    key: z.string().optional(),
    /** Asked by a client, not by a gateway: the request does not say that it comes from one. */
    asClient: z.boolean().optional(),
  })),
  /** Largest body read from an upstream, in bytes. */
  maxBodyBytes: z.int().positive(),
});
export type Upstreams = z.infer<typeof upstreamsSchema>;

/**
 * What every ask of an upstream tells, answered or not: the tokens that it cost, and what it has
 * learned of the model on the way.
 */
export const spentSchema = z.strictObject({
  usage: usageSchema,
  learned: z.array(quirkSchema).optional(),
});
export type Spent = z.infer<typeof spentSchema>;
