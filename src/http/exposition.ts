/**
 * GET /metrics, for Prometheus: at the door, or at an address of its own where nothing else is; to
 * anybody, or to who presents its key.
 * Source: Prometheus, "Exposition formats".
 * @module
 */
import { type Handler, Hono } from "hono";
import { authentication, type ClientKey } from "./auth.ts";
import type { DoorEnv } from "./door_env.ts";
import { handleErrors } from "./error_handler.ts";
import { requestId } from "./request_id.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Sinks } from "./run_report.ts";

export function exposition(metrics: Metrics): Handler<DoorEnv> {
  return async (c) => c.body(await metrics.expose(), 200, { "content-type": metrics.contentType });
}

export interface MetricsAppOptions extends Sinks {
  /** Who may read; empty: anybody. */
  readonly keys: readonly ClientKey[];
  /** A new unique word. */
  readonly newRequestId: () => string;
}

/** What is served at the metrics' own address. */
export function createMetricsApp({ keys, newRequestId, ...sinks }: MetricsAppOptions) {
  const app = new Hono<DoorEnv>();
  app.use(requestId(newRequestId));
  app.get("/metrics", authentication(keys), exposition(sinks.metrics));
  handleErrors(app, sinks);
  return app;
}
