/**
 * POST /v1/chat/completions: reads the request, finds it a place, starts its run, answers.
 *
 * A place is held until the answer's body ends, streamed or not, however it ends. When the client
 * leaves, the run is cancelled at once; what it has spent is counted and logged all the same.
 * @module
 */
import type { Handler } from "hono";
import type { Outcome, Run } from "../fusion/outcome.ts";
import type { StartRun } from "../fusion/run_request.ts";
import type { Admission } from "../gate/admission.ts";
import type { Clock } from "../gate/clock.ts";
import { findProfile, type ProfilesByAlias } from "../gate/profile.ts";
import { readChatRequest } from "../gate/read_chat_request.ts";
import { decideRoute } from "../gate/route.ts";
import { faultSite } from "../observe/fault_site.ts";
import { chatStream } from "./chat_stream.ts";
import { completionBody, type CompletionHead } from "./completion_body.ts";
import type { DoorEnv } from "./door_env.ts";
import { errorResponse, failedError } from "./error_response.ts";
import { readBody } from "./read_body.ts";
import { reportRun, type Sinks, type Visit } from "./run_report.ts";
import { EVENT_STREAM_HEADERS } from "./sse.ts";

export interface ChatCompletionsOptions extends Sinks {
  readonly profiles: ProfilesByAlias;
  readonly admission: Admission;
  readonly startRun: StartRun;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  /** A new unique word; completions are named `chatcmpl-<word>`. */
  readonly newId: () => string;
  readonly clock: Clock;
}

export function chatCompletions(options: ChatCompletionsOptions): Handler<DoorEnv> {
  const { admission, clock } = options;

  return async (c) => {
    const arrivedAt = clock.now();
    // Nothing is spent on a request that would only be shed once it has been read.
    admission.ensureOpen();
    const bytes = await readBody(c.req.raw, {
      maxBytes: options.maxBodyBytes,
      timeoutMs: options.bodyTimeoutMs,
      clock,
    });
    const request = readChatRequest(bytes);
    const profile = findProfile(options.profiles, request.model);
    const deadlineMs = Math.min(request.fusion?.deadline_ms ?? Infinity, profile.deadlineMs);
    const deadlineAt = arrivedAt + deadlineMs;
    const stream = request.stream === true;
    const { signal } = c.req.raw;

    using held = new DisposableStack();
    held.use(await admission.enter({ signal, deadlineAt }));
    const requestId = c.get("requestId");
    const run = options.startRun({
      id: requestId,
      profile,
      request,
      ...decideRoute(profile, request),
      stream,
      startedAt: clock.now(),
      deadlineAt,
    });

    const visit = { requestId, client: c.get("client"), profile: profile.name, arrivedAt };
    const head = {
      id: `chatcmpl-${options.newId()}`,
      created: Math.floor(arrivedAt / 1_000),
      model: request.model,
      trace: request.fusion?.trace === true,
    };
    if (!stream) return await answerWhole(run, { ...options, visit, head, signal });

    const place = held.move();
    const body = chatStream(run, {
      ...head,
      includeUsage: request.stream_options?.include_usage === true,
      choices: request.n ?? 1,
      keepalive: profile.stream,
      clock,
      onEnd({ clientLeft, firstDeltaAt }) {
        place.dispose();
        const ending = { status: clientLeft ? 499 : 200, endedAt: clock.now(), firstDeltaAt };
        run.outcome
          .then((outcome) => reportRun(outcome, { ...options, visit, ending }))
          .catch((error) => options.log.error("run broke", { id: requestId, ...faultSite(error) }));
      },
    });
    return new Response(body, { headers: EVENT_STREAM_HEADERS });
  };
}

interface WholeOptions extends ChatCompletionsOptions {
  readonly visit: Visit;
  readonly head: CompletionHead;
  readonly signal: AbortSignal;
}

async function answerWhole(run: Run, options: WholeOptions): Promise<Response> {
  const { visit, head, signal, clock } = options;
  const outcome = await outcomeWhileThere(signal, run);
  const response = wholeResponse(outcome, head);
  const status = signal.aborted ? 499 : response.status;
  reportRun(outcome, { ...options, visit, ending: { status, endedAt: clock.now() } });
  return response;
}

/** The run's outcome; the run is cancelled if the client leaves before it is there. */
async function outcomeWhileThere(signal: AbortSignal, run: Run): Promise<Outcome> {
  const leave = () => run.cancel("client_left");
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  try {
    return await run.outcome;
  } finally {
    // Deno's legacy signal also aborts when the answer has been sent: that is no leaving.
    signal.removeEventListener("abort", leave);
  }
}

function wholeResponse(outcome: Outcome, head: CompletionHead): Response {
  const route = { "x-fusion-route": outcome.route };
  if (outcome.type === "failed") {
    const error = failedError(outcome);
    return errorResponse({ ...error, headers: { ...error.headers, ...route } });
  }
  return Response.json(completionBody(outcome, head), {
    headers: { ...route, "x-fusion-outcome": outcome.outcome },
  });
}
