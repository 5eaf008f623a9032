/**
 * Classify: turns what an upstream did wrong into a {@link Failure}. Takes statuses, headers and
 * codes, never text: an upstream's words do not leave the worker.
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
    ...identifier(upstreamCode),
  };
}

/** The failure of an answer that had a good status and an error object in it. */
export function failureOfErrorCode(upstreamCode: unknown, now: number): Failure {
  const status = Number(upstreamCode);
  if (Number.isInteger(status) && status >= 400 && status < 600) {
    return failureOfStatus(status, { now });
  }
  return {
    code: "http_5xx",
    source: "upstream",
    retryable: true,
    message: "Upstream's answer is an error",
    ...identifier(upstreamCode),
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

/** An upstream's code passes only as a plain identifier: it could hold anything. */
function identifier(upstreamCode: unknown): Pick<Failure, "upstreamCode"> {
  return typeof upstreamCode === "string" && /^[a-z_]{3,48}$/.test(upstreamCode)
    ? { upstreamCode }
    : {};
}

/** Nobody waits longer than this for an upstream, whatever it says. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3), or OpenAI's
 * `retry-after-ms`. Undefined where it is absent or unreadable.
 */
function retryAfter(headers: Headers, now: number): number | undefined {
  const ms = plainNumber(headers.get("retry-after-ms"));
  if (ms !== undefined) return Math.min(ms, LONGEST_RETRY_AFTER_MS);
  const value = headers.get("retry-after");
  const seconds = plainNumber(value);
  if (seconds !== undefined) return Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS);
  const at = value?.endsWith("GMT") ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), LONGEST_RETRY_AFTER_MS);
}

function plainNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}(?:\.\d{1,15})?$/.test(text.trim()) ? Number(text) : undefined;
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
