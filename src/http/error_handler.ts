/**
 * Error handler: what an app answers when a handler has thrown or nothing was found: the refusal in
 * OpenAI's shape, or a 500 that tells nothing; counted and logged.
 * @module
 */
import type { Context, Hono } from "hono";
import { Refused } from "../gate/refusal.ts";
import { faultSite } from "../observe/fault_site.ts";
import type { DoorEnv } from "./door_env.ts";
import { errorResponse, internalError, refusedError } from "./error_response.ts";
import type { Sinks } from "./run_report.ts";

export function handleErrors(app: Hono<DoorEnv>, { metrics, log }: Sinks): void {
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
}
