/**
 * Gives every request an id and every response its `x-request-id`. A client's own id is kept when
 * it is short and plain, so that it can stand in a log line and a header without harm.
 * @module
 */
import type { MiddlewareHandler } from "hono";
import type { DoorEnv } from "./door_env.ts";

const HEADER = "x-request-id";
const SANE = /^[\w.:-]{1,128}$/;

export function requestId(newRequestId: () => string): MiddlewareHandler<DoorEnv> {
  return async (c, next) => {
    const sent = c.req.header(HEADER);
    const id = sent !== undefined && SANE.test(sent) ? sent : newRequestId();
    c.set("requestId", id);
    await next();
    c.res.headers.set(HEADER, id);
  };
}
