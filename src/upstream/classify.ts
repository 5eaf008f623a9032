/**
 * Classify: turns what an upstream did wrong into a {@link Failure}. Takes statuses and headers,
 * never text: an upstream's words do not leave the worker.
 * @module
 */
import type { Failure, FailureCode } from "../protocol/failure.ts";

/** The failure that an HTTP status stands for. `upstreamCode` is the error object's `code`. */
export function failureOfStatus(
  status: number,
  { headers, upstreamCode, now }: { headers?: Headers; upstreamCode?: unknown; now: number },
): Failure {
  const retryAfterMs = headers && retryAfter(headers, now);
  return {
    code: codeOfStatus(status),
    source: "upstream",
    retryable: status === 408 || status === 429 || status >= 500,
    message: `Upstream answered ${status}`,
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(typeof upstreamCode === "string" && /^[a-z_]{3,48}$/.test(upstreamCode)
      ? { upstreamCode }
      : {}),
  };
}

function codeOfStatus(status: number): FailureCode {
  switch (status) {
    case 400:
    case 401:
    case 403:
    case 404:
    case 429:
      return `http_${status}`;
    default:
      if (status >= 500) return "http_5xx";
      return status >= 400 ? "http_4xx" : "malformed";
  }
}

/**
 * `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3), or OpenAI's
 * `retry-after-ms`. Undefined where it is absent or unreadable.
 */
function retryAfter(headers: Headers, now: number): number | undefined {
  const inMs = Number(headers.get("retry-after-ms") ?? NaN);
  if (inMs >= 0) return inMs;
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = Number(value);
  if (value.trim() !== "" && seconds >= 0) return seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const MESSAGES = {
  timeout: "Upstream did not answer in time",
  connect: "Connection to the upstream failed or broke off",
  malformed: "Upstream's answer cannot be read",
  empty: "Upstream gave an empty answer",
  too_large: "Upstream's answer is too large",
  cancelled: "Cancelled",
  unsupported: "Upstream's model does not take the content parts of the request",
} as const;

/** A failure that is no HTTP status. */
export function failureOf(code: keyof typeof MESSAGES): Failure {
  return {
    code,
    source: code === "cancelled" ? "gateway" : "upstream",
    retryable: code === "timeout" || code === "connect" || code === "malformed",
    message: MESSAGES[code],
    // What its server would have said.
    ...(code === "unsupported" ? { status: 400 } : {}),
  };
}
