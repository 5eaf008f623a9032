/**
 * The only table from what went wrong to an HTTP status, headers and OpenAI's error body: for a
 * refused request, a failed run, and a fault of our own, of which a client learns nothing but that
 * it happened.
 * @module
 */
import type { Failed } from "../fusion/outcome.ts";
import type { Refusal } from "../gate/refusal.ts";
import type { ErrorBody } from "../openai/error_body.ts";
import { rateLimitHeaders } from "../store/rate_limit_headers.ts";

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** Longest piece of the client's own text that an error repeats. */
const MAX_ECHO = 200;
/** Told to a client where nobody else said how long to wait. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

const LISTED = "GET /v1/models lists those that exist";
const CLIENT_ERROR = "invalid_request_error";
const SERVER_ERROR = "server_error";

export function errorResponse(answer: ErrorAnswer): Response {
  return Response.json(answer.body, { status: answer.status, headers: answer.headers });
}

export function internalError(): ErrorAnswer {
  return answer(500, SERVER_ERROR, "internal_error", "Cannot serve the request: internal error");
}

export function refusedError(refusal: Refusal): ErrorAnswer {
  switch (refusal.type) {
    case "invalid_request":
      return answer(400, CLIENT_ERROR, refusal.code, refusal.message, { param: refusal.param });
    case "unauthenticated":
      return answer(
        401,
        CLIENT_ERROR,
        "invalid_api_key",
        refusal.keySent
          ? "Cannot authenticate: the API key is not known here"
          : "Cannot authenticate: no API key was sent, expected 'Authorization: Bearer KEY'",
        { headers: { "www-authenticate": "Bearer" } },
      );
    case "model_not_found":
      return answer(
        404,
        CLIENT_ERROR,
        "model_not_found",
        `Cannot find model '${cut(refusal.model)}': ${refusal.hint ?? LISTED}`,
        { param: "model" },
      );
    case "response_not_found":
      return answer(
        404,
        CLIENT_ERROR,
        refusal.param === null ? "response_not_found" : "previous_response_not_found",
        `Cannot find response '${cut(refusal.id)}': only what was stored is kept, and not for ever`,
        { param: refusal.param },
      );
    case "body_too_large":
      return answer(
        413,
        CLIENT_ERROR,
        "request_too_large",
        `Cannot read the request: its body is larger than ${refusal.maxBytes} bytes`,
      );
    case "body_too_slow":
      return answer(
        408,
        CLIENT_ERROR,
        "request_timeout",
        `Cannot read the request: its body did not arrive within ${refusal.timeoutMs} ms`,
      );
    case "shed":
      return overloaded(shedMessage(refusal.reason), refusal.retryAfterMs);
    case "over_limit":
      return overLimit(refusal);
    case "store_away":
      return overloaded(refusal.message, refusal.retryAfterMs);
    case "deadline_exceeded":
      return answer(
        504,
        SERVER_ERROR,
        "deadline_exceeded",
        "Cannot answer: the deadline passed while the request waited for a place",
      );
    case "client_left":
      return answer(499, CLIENT_ERROR, "client_left", "The client left before it was answered");
    case "recursion":
      return answer(
        400,
        CLIENT_ERROR,
        "recursion_refused",
        "Cannot serve a request of another Tutti gateway: an upstream of it leads back to one",
      );
    case "not_found":
      return answer(
        404,
        CLIENT_ERROR,
        "not_found",
        `Cannot find ${refusal.method} ${cut(refusal.path)}`,
      );
    case "method_not_allowed":
      return answer(
        405,
        CLIENT_ERROR,
        "method_not_allowed",
        `Cannot ${refusal.method} here: allowed is ${refusal.allow}`,
        { headers: { allow: refusal.allow } },
      );
    default:
      return refusal satisfies never;
  }
}

/** A failed run; each panel member's label and reason stand in `error.fusion.members`. */
export function failedError(failed: Failed): ErrorAnswer {
  const { status, headers, body } = failedAnswer(failed);
  if (failed.members.length === 0) return { status, headers, body };
  const members = failed.members.map(({ label, reason }) => ({ label, reason }));
  return { status, headers, body: { error: { ...body.error, fusion: { members } } } };
}

function failedAnswer(failed: Failed): ErrorAnswer {
  switch (failed.reason) {
    case "deadline_exceeded":
      return answer(504, SERVER_ERROR, "deadline_exceeded", failed.message);
    case "overloaded":
      return overloaded(failed.message, failed.failure?.retryAfterMs);
    case "cancelled":
      // The client has gone, or the gateway is going: only in the second case is this read.
      return overloaded(failed.message);
    case "panel_quorum_not_met":
    case "upstream_error":
      return upstreamsWord(failed) ?? answer(502, SERVER_ERROR, failed.reason, failed.message);
    default:
      return failed.reason satisfies never;
  }
}

/** What the upstream's own refusal means to the client, where it decided and means something. */
function upstreamsWord({ failure, message }: Failed): ErrorAnswer | undefined {
  const code = (fallback: string | null) => failure?.upstreamCode ?? fallback;
  switch (failure?.code) {
    case "http_400":
      return answer(400, CLIENT_ERROR, code(null), message);
    case "http_401":
      return answer(401, CLIENT_ERROR, code("invalid_api_key"), message);
    case "http_403":
      return answer(403, CLIENT_ERROR, code("permission_denied"), message);
    case "http_404":
      return answer(404, CLIENT_ERROR, code("model_not_found"), message);
    case "http_429":
      return answer(429, "rate_limit_error", "rate_limit_exceeded", message, {
        headers: retryAfter(failure.retryAfterMs),
      });
    case "unsupported":
      return answer(400, CLIENT_ERROR, null, failure.message);
    case "overloaded":
    case "unavailable":
      return failure.source === "gateway" ? overloaded(message, failure.retryAfterMs) : undefined;
    default:
      return undefined;
  }
}

/** As OpenAI words it: a rate that is used up comes back by itself, a budget is a quota. */
function overLimit(
  { limit, message, retryAfterMs, tooLarge, state }: Refusal & { type: "over_limit" },
): ErrorAnswer {
  const isBudget = limit === "usd_day" || limit === "usd_month";
  const type = isBudget ? "insufficient_quota" : limit;
  const isHopeless = tooLarge || retryAfterMs > LONGEST_RETRY_MS;
  return answer(429, type, isBudget ? "insufficient_quota" : "rate_limit_exceeded", message, {
    headers: {
      ...rateLimitHeaders(state),
      ...retryAfter(retryAfterMs),
      ...(isHopeless && { "x-should-retry": "false" }),
    },
  });
}

/** OpenAI's clients take no heed of a longer one and would ask again at once, unless told not to. */
const LONGEST_RETRY_MS = 60_000;

function shedMessage(reason: (Refusal & { type: "shed" })["reason"]): string {
  switch (reason) {
    case "queue_full":
      return "Cannot take the request: too many are being served and waiting";
    case "queue_timeout":
      return "Cannot serve the request: no place came free in time";
    case "shutting_down":
      return "Cannot take the request: the gateway is shutting down";
    default:
      return reason satisfies never;
  }
}

function overloaded(message: string, retryAfterMs?: number): ErrorAnswer {
  return answer(503, SERVER_ERROR, "overloaded", message, { headers: retryAfter(retryAfterMs) });
}

/** Whole seconds, as RFC 9110, 10.2.3 has them, and never too early. */
function retryAfter(ms = DEFAULT_RETRY_AFTER_MS): Record<string, string> {
  return { "retry-after": String(Math.max(1, Math.ceil(ms / 1_000))) };
}

interface AnswerOptions {
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

function answer(
  status: number,
  type: string,
  code: string | null,
  message: string,
  { param = null, headers = {} }: AnswerOptions = {},
): ErrorAnswer {
  return { status, headers, body: { error: { message, type, param, code } } };
}

function cut(text: string): string {
  return text.length > MAX_ECHO ? `${text.slice(0, MAX_ECHO)}…` : text;
}
