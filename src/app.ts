/**
 * The door: routes, and the order in which a request meets them. Comes in: what serves a request
 * (admission, how a run is started) and what is served (profiles, limits, keys). Goes out: a Hono
 * app for `Deno.serve`. Knows no upstream and no worker.
 * @module
 */
import { type Handler, Hono } from "hono";
import { cors } from "hono/cors";
import type { ModelRef, Profile } from "./fusion/profile.ts";
import type { StartRelay } from "./fusion/relay_request.ts";
import type { StartRun } from "./fusion/run_request.ts";
import type { Admission } from "./gate/admission.ts";
import type { Clock } from "./gate/clock.ts";
import type { LimitGate } from "./gate/limit_gate.ts";
import { PassedModels } from "./gate/passed_models.ts";
import { profilesByAlias } from "./gate/profile.ts";
import { Refused } from "./gate/refusal.ts";
import type { HealthView } from "./health/serving.ts";
import { authentication, type ClientKey } from "./http/auth.ts";
import { chatCompletions } from "./http/chat_completions.ts";
import type { DoorEnv } from "./http/door_env.ts";
import { handleErrors } from "./http/error_handler.ts";
import { exposition } from "./http/exposition.ts";
import { healthz, type Readiness, readyz } from "./http/health.ts";
import { getModel, listModels } from "./http/models.ts";
import { docs, openapi } from "./http/openapi.ts";
import { refuseRecursion } from "./http/recursion.ts";
import { requestId } from "./http/request_id.ts";
import { ResponseStore } from "./gate/response_store.ts";
import { createResponse, deleteResponse, getResponse } from "./http/responses.ts";
import { passedThrough } from "./http/serve_relay.ts";
import type { Serving } from "./http/serve_run.ts";
import type { Log } from "./observe/log.ts";
import type { Metrics } from "./observe/metrics.ts";

export interface AppOptions {
  /** As `/openapi.json` names it. */
  readonly version: string;
  readonly profiles: readonly Profile[];
  readonly server: {
    readonly maxBodyBytes: number;
    /** How long a request's body may take to arrive. Default 30 s. */
    readonly bodyTimeoutMs: number;
    /** Origins whose pages may call; empty: none, `*`: any. */
    readonly corsOrigins: readonly string[];
  };
  /** Who may call; empty: anybody. */
  readonly clientKeys: readonly ClientKey[];
  /** Outlives the app, so that a reload forgets no permit; its owner drains it. */
  readonly admission: Admission;
  readonly limitGate: LimitGate;
  /** Outlives the app too. Default: one of the app's own. */
  readonly responses?: ResponseStore;
  readonly startRun: StartRun;
  /** Models that are passed through, and how; by default none is. */
  readonly passthrough?: { readonly models: readonly ModelRef[]; readonly startRelay: StartRelay };
  readonly readiness: () => Readiness;
  /** What `/readyz?verbose` tells beside that. */
  readonly health?: () => HealthView;
  readonly metrics: Metrics;
  /** Whether `/metrics` is served here, and to whom: no keys, to anybody. Default: it is. */
  readonly metricsAccess?: { readonly here: boolean; readonly keys: readonly ClientKey[] };
  readonly log: Log;
  readonly clock: Clock;
  /** A new unique word of letters, digits, `_`, `.`, `:` and `-`. */
  readonly newRequestId: () => string;
}

type Handlers = Readonly<Partial<Record<"GET" | "POST" | "DELETE", Handler<DoorEnv>>>>;

const READABLE_HEADERS = [
  "x-request-id",
  "x-fusion-route",
  "x-fusion-outcome",
  "retry-after",
  ...["limit", "remaining", "reset"].flatMap((what) => [
    `x-ratelimit-${what}-requests`,
    `x-ratelimit-${what}-tokens`,
  ]),
];

/** No model is found that could get here. */
function nothingPasses(): never {
  throw new Error("Cannot pass through: nobody is there to do it");
}

export function createApp(options: AppOptions): Hono<DoorEnv> {
  const { server, admission, metrics, log, clock } = options;
  const responses = options.responses ?? new ResponseStore(clock);
  const profiles = profilesByAlias(options.profiles);
  const passedModels = new PassedModels(options.passthrough?.models ?? []);
  const created = Math.floor(clock.now() / 1_000);
  metrics.watchLoad(admission);

  const app = new Hono<DoorEnv>();
  app.use(requestId(options.newRequestId));
  if (server.corsOrigins.length > 0) {
    const origin = server.corsOrigins.includes("*") ? "*" : [...server.corsOrigins];
    const allowMethods = ["GET", "HEAD", "POST", "DELETE"];
    app.use(cors({ origin, allowMethods, exposeHeaders: READABLE_HEADERS, maxAge: 600 }));
  }
  app.use("/v1/*", refuseRecursion());
  app.use("/v1/*", authentication(options.clientKeys));

  const serve = (path: string, handlers: Handlers) => {
    const methods = Object.entries(handlers);
    for (const [method, handler] of methods) app.on(method, path, handler);
    const allow = methods.map(([method]) => method === "GET" ? "GET, HEAD" : method).join(", ");
    app.all(path, (c) => {
      throw new Refused({ type: "method_not_allowed", method: c.req.method, allow });
    });
  };
  const serving: Serving = {
    profiles,
    admission,
    limitGate: options.limitGate,
    startRun: options.startRun,
    passedModels,
    startRelay: options.passthrough?.startRelay ?? nothingPasses,
    maxBodyBytes: server.maxBodyBytes,
    bodyTimeoutMs: server.bodyTimeoutMs,
    newId: options.newRequestId,
    clock,
    metrics,
    log,
  };
  serve("/v1/chat/completions", { POST: chatCompletions(serving) });
  serve("/v1/responses", { POST: createResponse(serving, responses) });
  serve("/v1/responses/:id", {
    GET: getResponse(responses),
    DELETE: deleteResponse(responses),
  });
  serve("/v1/completions", { POST: passedThrough("completions", serving) });
  serve("/v1/embeddings", { POST: passedThrough("embeddings", serving) });
  serve("/v1/models", { GET: listModels(serving, created) });
  serve("/v1/models/:id{.+}", { GET: getModel(serving, created) });
  serve("/healthz", { GET: healthz() });
  serve("/readyz", { GET: readyz(admission, options) });
  serve("/openapi.json", { GET: openapi(options.version) });
  serve("/docs", { GET: docs(options.version) });
  const { here, keys } = options.metricsAccess ?? { here: true, keys: [] };
  if (here) {
    app.use("/metrics", authentication(keys));
    serve("/metrics", { GET: exposition(metrics) });
  }
  handleErrors(app, options);
  return app;
}
