/**
 * Serve relay: passes a request through to the model that it names, and the answer back, both as
 * they are. The same door as for a run: a place held until the body ends, a cancel when the client
 * leaves, the metrics and the log; and of an upstream's error only what it means, not its words.
 * @module
 */
import type { Context, Handler } from "hono";
import * as z from "zod";
import type { Outcome } from "../fusion/outcome.ts";
import type { ModelRef } from "../fusion/profile.ts";
import type { RelayRequest } from "../fusion/relay_request.ts";
import { checkRequest } from "../gate/check_request.ts";
import { jsonShape } from "../gate/json_shape.ts";
import { relayWorstCase } from "../gate/relay_worst_case.ts";
import { faultSite } from "../observe/fault_site.ts";
import { rateLimitHeaders } from "../store/rate_limit_headers.ts";
import type { DoorEnv } from "./door_env.ts";
import { errorResponse, failedError, internalError } from "./error_response.ts";
import { type PostedRequest, readRequest } from "./read_request.ts";
import { reportRun } from "./run_report.ts";
import { type EventWriter, runStream } from "./run_stream.ts";
import type { Serving } from "./serve_run.ts";
import { event, EVENT_STREAM_HEADERS } from "./sse.ts";
import { whileThere } from "./while_there.ts";

type Path = RelayRequest["path"];

/** What is read of a request that is for its upstream to check. */
const requestSchema = z.looseObject({ model: z.string().min(1) });

/** The metrics' and the log's word for what has no profile. */
const PROFILE = "passthrough";

/** POST /v1/completions and /v1/embeddings. */
export function passedThrough(path: Path, serving: Serving): Handler<DoorEnv> {
  return async (c) => {
    const posted = await readRequest(c.req.raw, serving);
    const { model } = checkRequest(posted.body, requestSchema);
    return await serveRelay(c, { posted, path, model: serving.passedModels.find(model) }, serving);
  };
}

export interface RelayAsked {
  readonly posted: PostedRequest;
  readonly model: ModelRef;
  readonly path: Path;
}

/** @throws {Refused} where there is no place, or the client key's limits are used up */
export async function serveRelay(
  c: Context<DoorEnv>,
  { posted, model, path }: RelayAsked,
  serving: Serving,
): Promise<Response> {
  const { admission, limitGate, clock, startRelay } = serving;
  const { signal } = c.req.raw;
  const stream = posted.body["stream"] === true && path !== "embeddings";

  using held = new DisposableStack();
  held.use(await admission.enter({ signal }));
  const requestId = c.get("requestId");
  const client = c.get("client");
  const booking = await limitGate.enter({
    requestId,
    client,
    profile: PROFILE,
    worstCase: (priceOf) =>
      relayWorstCase({ model, path, body: posted.body, bytes: posted.bytes.length }, priceOf),
  });
  const body = bodyFor(model, posted);
  const relay = booking.run(() =>
    startRelay({ model, path, body, stream, startedAt: clock.now() })
  );

  const visit = { requestId, client, profile: PROFILE, arrivedAt: posted.arrivedAt };
  const report = (status: number, outcome: Outcome, firstDeltaAt?: number) => {
    const ending = { status, endedAt: clock.now(), firstDeltaAt };
    reportRun(outcome, { ...serving, visit, ending });
  };
  const limits = rateLimitHeaders(booking.state);
  const text = await whileThere(firstText(relay.deltas), { signal, run: relay });
  if (text === undefined || !stream) {
    const outcome = await relay.outcome;
    // Whoever has read this answer finds it counted when they ask again.
    await booking.settled;
    const response = wholeResponse(text, outcome, limits);
    report(signal.aborted ? 499 : response.status, outcome);
    return response;
  }

  const place = held.move();
  const events = runStream(relay, new RelayedEvents(), {
    keepalive: { keepalive: "off", keepaliveMs: 0 },
    clock,
    onEnd({ clientLeft, firstDeltaAt, fault }) {
      place.dispose();
      if (fault) serving.log.error("stream broke", { id: requestId, ...faultSite(fault) });
      void relay.outcome.then((outcome) => report(clientLeft ? 499 : 200, outcome, firstDeltaAt));
    },
  });
  return new Response(events, { headers: { ...EVENT_STREAM_HEADERS, ...limits } });
}

/**
 * The body as it came; written anew only where the upstream knows its model by another name, and
 * where a key is there twice: the upstream might go by the one that was not checked here.
 */
function bodyFor({ model }: ModelRef, { body, bytes }: PostedRequest): string {
  const { members } = jsonShape(bytes, { maxDepth: Infinity, maxValues: Infinity });
  return body["model"] === model && members === Object.keys(body).length
    ? new TextDecoder().decode(bytes)
    : JSON.stringify({ ...body, model });
}

/** The answer, or the sign that the upstream has accepted; undefined where there is neither. */
async function firstText(deltas: ReadableStream<string>): Promise<string | undefined> {
  const reader = deltas.getReader();
  try {
    return (await reader.read()).value;
  } finally {
    reader.releaseLock();
  }
}

function wholeResponse(
  text: string | undefined,
  outcome: Outcome,
  limits: Readonly<Record<string, string>>,
): Response {
  if (outcome.type === "failed") {
    const error = failedError(outcome);
    return errorResponse({ ...error, headers: { ...error.headers, ...limits } });
  }
  if (text === undefined) return errorResponse(internalError());
  return new Response(text, { headers: { ...limits, "content-type": "application/json" } });
}

/** The upstream's own events; one of ours only where they broke off. */
class RelayedEvents implements EventWriter<string> {
  opening = () => "";
  idle = () => "";
  delta = (text: string) => text;

  closing(outcome: Outcome | undefined): string {
    if (outcome === undefined) return event(JSON.stringify(internalError().body));
    return outcome.type === "failed" ? event(JSON.stringify(failedError(outcome).body)) : "";
  }
}
