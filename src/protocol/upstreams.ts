/**
 * Upstreams: the start message of every worker actor that calls an upstream. The only place where
 * a key crosses a border, and only to the workers that need it.
 * @module
 */
import * as z from "zod";
import { usageSchema } from "./call.ts";

export const upstreamsSchema = z.strictObject({
  upstreams: z.array(z.strictObject({
    name: z.string(),
    baseUrl: z.url(),
    key: z.string().optional(),
  })),
  /** Largest body read from an upstream, in bytes. */
  maxBodyBytes: z.int().positive(),
});
export type Upstreams = z.infer<typeof upstreamsSchema>;

/** What is known of a failed call: the tokens that the upstream reported all the same. */
export const spentSchema = z.strictObject({ usage: usageSchema });
export type Spent = z.infer<typeof spentSchema>;
