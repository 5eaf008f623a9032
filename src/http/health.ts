/**
 * GET /healthz: the process is alive. GET /readyz: 200 only while a request could be served, else
 * 503 with the reasons.
 * @module
 */
import type { Handler } from "hono";
import type { Admission } from "../gate/admission.ts";
import type { DoorEnv } from "./door_env.ts";

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export function healthz(): Handler<DoorEnv> {
  return (c) => c.json({ status: "ok" });
}

/** @param readiness What the rest of the system says of itself. */
export function readyz(admission: Admission, readiness: () => Readiness): Handler<DoorEnv> {
  return (c) => {
    const { ready, reasons } = readiness();
    const closed = admission.closedBecause;
    if (ready && closed === undefined) return c.json({ status: "ready" });
    const all = closed === undefined ? reasons : [closed, ...reasons];
    return c.json({ status: "not_ready", reasons: all }, 503);
  };
}
