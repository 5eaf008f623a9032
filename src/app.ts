/**
 * The door: routes, and the order in which a request meets them. Comes in: what serves a request
 * (admission, how a run is started) and what is served (profiles, limits, keys). Goes out: a Hono
 * app for `Deno.serve`. Knows no upstream and no worker.
 * @module
 */
import { type Context, type Handler, Hono } from "hono";
import { cors } from "hono/cors";
import type { Profile } from "./fusion/profile.ts";
import type { StartRun } from "./fusion/run_request.ts";
import type { Admission } from "./gate/admission.ts";
import type { Clock } from "./gate/clock.ts";
import type { LimitGate } from "./gate/limit_gate.ts";
import { profilesByAlias } from "./gate/profile.ts";
import { Refused } from "./gate/refusal.ts";
import type { HealthView } from "./health/serving.ts";
import { authentication, type ClientKey } from "./http/auth.ts";
import { chatCompletions } from "./http/chat_completions.ts";
import type { DoorEnv } from "./http/door_env.ts";
import { errorResponse, internalError, refusedError } from "./http/error_response.ts";
import { healthz, type Readiness, readyz } from "./http/health.ts";
import { getModel, listModels } from "./http/models.ts";
import { openapi } from "./http/openapi.ts";
import { requestId } from "./http/request_id.ts";
import type { Serving } from "./http/serve_run.ts";
import { faultSite } from "./observe/fault_site.ts";
import type { Log } from "./observe/log.ts";
import type { Metrics } from "./observe/metrics.ts";

export interface AppOptions {
  /** As `/openapi.json` names it. */
  readonly version: string;
  readonly profiles: readonly Profile[];
  readonly server: {
    readonly maxBodyBytes: number;
    /** How long a request's body may take to arrive. Default 30 s. */
    readonly bodyTimeoutMs?: number;
    /** Origins whose pages may call; empty: none, `*`: any. */
    readonly corsOrigins: readonly string[];
  };
  /** Who may call; empty: anybody. */
  readonly clientKeys: readonly ClientKey[];
  /** Outlives the app, so that a reload forgets no permit; its owner drains it. */
  readonly admission: Admission;
  readonly limitGate: LimitGate;
  readonly startRun: StartRun;
  readonly readiness: () => Readiness;
  /** What `/readyz?verbose` tells beside that. */
  readonly health?: () => HealthView;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  /** A new unique word of letters, digits, `_`, `.`, `:` and `-`. */
  readonly newRequestId: () => string;
}

const BODY_TIMEOUT_MS = 30_000;
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

export function createApp(options: AppOptions): Hono<DoorEnv> {
  const { server, admission, metrics, log, clock } = options;
  const profiles = profilesByAlias(options.profiles);
  const created = Math.floor(clock.now() / 1_000);
  metrics.watchLoad(admission);

  const app = new Hono<DoorEnv>();
  app.use(requestId(options.newRequestId));
  if (server.corsOrigins.length > 0) {
    const origin = server.corsOrigins.includes("*") ? "*" : [...server.corsOrigins];
    const allowMethods = ["GET", "HEAD", "POST"];
    app.use(cors({ origin, allowMethods, exposeHeaders: READABLE_HEADERS, maxAge: 600 }));
  }
  app.use("/v1/*", authentication(options.clientKeys));

  const serve = (method: "GET" | "POST", path: string, handler: Handler<DoorEnv>) => {
    app.on(method, path, handler);
    const allow = method === "GET" ? "GET, HEAD" : method;
    app.all(path, (c) => {
      throw new Refused({ type: "method_not_allowed", method: c.req.method, allow });
    });
  };
  const serving: Serving = {
    profiles,
    admission,
    limitGate: options.limitGate,
    startRun: options.startRun,
    maxBodyBytes: server.maxBodyBytes,
    bodyTimeoutMs: server.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
    newId: options.newRequestId,
    clock,
    metrics,
    log,
  };
  serve("POST", "/v1/chat/completions", chatCompletions(serving));
  serve("GET", "/v1/models", listModels(profiles, created));
  serve("GET", "/v1/models/:id{.+}", getModel(profiles, created));
  serve("GET", "/healthz", healthz());
  serve("GET", "/readyz", readyz(admission, options));
  serve("GET", "/openapi.json", openapi(options.version));
  serve("GET", "/metrics", async (c) => {
    return c.body(await metrics.expose(), 200, { "content-type": metrics.contentType });
  });

  const answerError = (error: Error, c: Context<DoorEnv>) => {
    const id = c.get("requestId");
    const isRefusal = error instanceof Refused;
    if (!isRefusal) log.error("internal error", { id, ...faultSite(error) });
    const answer = isRefusal ? refusedError(error.refusal) : internalError();
    const code = answer.body.error.code ?? answer.body.error.type;
    metrics.refused(code);
    log.info("request refused", { id, client: c.get("client"), status: answer.status, code });
    return errorResponse(answer);
  };
  app.onError(answerError);
  app.notFound((c) => {
    const { method, path } = c.req;
    return answerError(new Refused({ type: "not_found", method, path }), c);
  });
  return app;
}
