/**
 * GET /healthz: the process is alive. GET /readyz: 200 only while a request could be served, else
 * 503 with the reasons. GET /readyz?verbose: the same, and how each upstream and profile fares.
 * @module
 */
import type { Handler } from "hono";
import type { Admission } from "../gate/admission.ts";
import type { HealthView } from "../health/serving.ts";
import type { DoorEnv } from "./door_env.ts";

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export function healthz(): Handler<DoorEnv> {
  return (c) => c.json({ status: "ok" });
}

export interface ReadyzOptions {
  /** What the rest of the system says of itself. */
  readonly readiness: () => Readiness;
  /** Told where it is asked for: `?verbose`. */
  readonly health?: () => HealthView;
}

export function readyz(
  admission: Admission,
  { readiness, health }: ReadyzOptions,
): Handler<DoorEnv> {
  return (c) => {
    const { ready, reasons } = readiness();
    const closed = admission.closedBecause;
    const more = c.req.query("verbose") === undefined ? {} : health?.() ?? {};
    if (ready && closed === undefined) return c.json({ status: "ready", ...more });
    const all = closed === undefined ? reasons : [closed, ...reasons];
    return c.json({ status: "not_ready", reasons: all, ...more }, 503);
  };
}
