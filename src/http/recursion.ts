/**
 * Recursion: refuses what another gateway of this kind has sent. A gateway whose upstream is, round
 * a corner, itself would multiply each request by its panel again and again; it stops at depth 1.
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { Refused } from "../gate/refusal.ts";
import { DEPTH_HEADER } from "../protocol/call.ts";
import type { DoorEnv } from "./door_env.ts";

export function refuseRecursion(): MiddlewareHandler<DoorEnv> {
  return async (c, next) => {
    if (c.req.header(DEPTH_HEADER) !== undefined) throw new Refused({ type: "recursion" });
    await next();
  };
}
