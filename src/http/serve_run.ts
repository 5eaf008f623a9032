/**
 * Serve run: what every endpoint does whose answer is a run: finds the request a place, starts its
 * run, and answers in the endpoint's own words, whole or streamed.
 *
 * A place is held until the answer's body ends, streamed or not, however it ends. When the client
 * leaves, the run is cancelled at once; what it has spent is counted and logged all the same.
 * @module
 */
import type { Context } from "hono";
import type { Answered, Outcome, Run } from "../fusion/outcome.ts";
import { panelSize } from "../fusion/panel_plan.ts";
import type { Profile } from "../fusion/profile.ts";
import type { StartRelay } from "../fusion/relay_request.ts";
import type { StartRun } from "../fusion/run_request.ts";
import type { Admission } from "../gate/admission.ts";
import type { Clock } from "../gate/clock.ts";
import { ensureFusable } from "../gate/ensure_fusable.ts";
import type { Booking, LimitGate } from "../gate/limit_gate.ts";
import type { PassedModels } from "../gate/passed_models.ts";
import type { ProfilesByAlias } from "../gate/profile.ts";
import { decideRoute } from "../gate/route.ts";
import { worstCase } from "../gate/worst_case.ts";
import { faultSite } from "../observe/fault_site.ts";
import type { ChatRequest } from "../openai/chat_request.ts";
import { rateLimitHeaders } from "../store/rate_limit_headers.ts";
import type { DoorEnv } from "./door_env.ts";
import { errorResponse, failedError } from "./error_response.ts";
import { reportRun, type Sinks, type Visit } from "./run_report.ts";
import { type EventWriter, runStream } from "./run_stream.ts";
import { EVENT_STREAM_HEADERS } from "./sse.ts";
import { whileThere } from "./while_there.ts";

/** What stands behind the endpoints that work: the same for each. */
export interface Serving extends Sinks {
  readonly profiles: ProfilesByAlias;
  readonly admission: Admission;
  readonly limitGate: LimitGate;
  readonly startRun: StartRun;
  /** Models that clients may ask for by their own id. */
  readonly passedModels: PassedModels;
  readonly startRelay: StartRelay;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  /** A new unique word. */
  readonly newId: () => string;
  readonly clock: Clock;
}

/** How an endpoint words a run's answer. */
export interface AnswerForm {
  /** The body of a whole answer. */
  whole(answered: Answered): unknown;
  /** The words of a streamed one. */
  events(): EventWriter;
}

export interface Asked {
  readonly request: ChatRequest;
  readonly profile: Profile;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  readonly form: AnswerForm;
}

/**
 * @throws {Refused} where there is no place, what is asked for cannot be had, or the client key's
 * limits are used up
 */
export async function serveRun(
  c: Context<DoorEnv>,
  { request, profile, arrivedAt, form }: Asked,
  serving: Serving,
): Promise<Response> {
  const { admission, limitGate, clock, startRun } = serving;
  const deadlineMs = Math.min(request.fusion?.deadline_ms ?? Infinity, profile.deadlineMs);
  const deadlineAt = arrivedAt + deadlineMs;
  const stream = request.stream === true;
  const { signal } = c.req.raw;

  const decided = decideRoute(profile, request);
  ensureFusable(request, decided.route);

  using held = new DisposableStack();
  const calls = decided.route === "single" ? 1 : panelSize(profile);
  held.use(await admission.enter({ signal, deadlineAt, calls }));
  const requestId = c.get("requestId");
  const client = c.get("client");
  const { route } = decided;
  const booking = await limitGate.enter({
    requestId,
    client,
    profile: profile.name,
    worstCase: (priceOf) => worstCase({ profile, request, route }, priceOf),
  });
  const run = booking.run(() =>
    startRun({
      ...{ id: requestId, profile, request, ...decided, stream },
      startedAt: clock.now(),
      deadlineAt,
    })
  );

  const visit = { requestId, client, profile: profile.name, arrivedAt };
  if (!stream) return await answerWhole(run, { ...serving, visit, booking, form, signal });

  const place = held.move();
  const body = runStream(run, form.events(), {
    keepalive: profile.stream,
    clock,
    onEnd({ clientLeft, firstDeltaAt, fault }) {
      place.dispose();
      if (fault) serving.log.error("stream broke", { id: requestId, ...faultSite(fault) });
      const ending = { status: clientLeft ? 499 : 200, endedAt: clock.now(), firstDeltaAt };
      run.outcome
        .then((outcome) => reportRun(outcome, { ...serving, visit, ending }))
        .catch((error) => serving.log.error("run broke", { id: requestId, ...faultSite(error) }));
    },
  });
  return new Response(body, {
    headers: { ...EVENT_STREAM_HEADERS, ...rateLimitHeaders(booking.state) },
  });
}

interface WholeOptions extends Serving {
  readonly visit: Visit;
  readonly booking: Booking;
  readonly form: AnswerForm;
  readonly signal: AbortSignal;
}

async function answerWhole(run: Run, options: WholeOptions): Promise<Response> {
  const { visit, booking, form, signal, clock } = options;
  const outcome = await whileThere(run.outcome, { signal, run });
  // Whoever has read this answer finds it counted when they ask again.
  await booking.settled;
  const response = wholeResponse(outcome, form, booking);
  const status = signal.aborted ? 499 : response.status;
  reportRun(outcome, { ...options, visit, ending: { status, endedAt: clock.now() } });
  return response;
}

function wholeResponse(outcome: Outcome, form: AnswerForm, { state }: Booking): Response {
  const route = { ...rateLimitHeaders(state), "x-fusion-route": outcome.route };
  if (outcome.type === "failed") {
    const error = failedError(outcome);
    return errorResponse({ ...error, headers: { ...error.headers, ...route } });
  }
  return Response.json(form.whole(outcome), {
    headers: { ...route, "x-fusion-outcome": outcome.outcome },
  });
}
