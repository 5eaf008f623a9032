/**
 * Plan: a whole HTTP answer, decided before its first byte is sent. What makes it is free of sockets
 * and timers; deliver.ts carries it out.
 * @module
 */
import type { Part } from "./part.ts";
import type { SimulatedError } from "./refusal.ts";

export interface Plan {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body. An array is at hand as a whole, any other iterable is read as the client reads. */
  readonly parts: Iterable<Part>;
  /** Wait before the headers, in milliseconds. */
  readonly delayMs?: number;
  /** Wait for this before the headers. */
  readonly until?: Promise<unknown>;
  readonly hang?: "headers" | "body";
  readonly cutAfterBytes?: number;
  /** The body is whole, but no answer. */
  readonly unusable?: boolean;
  /** Write every part by itself, even where there is no wait between two. */
  readonly separate?: boolean;
}

export const JSON_HEADERS = { "content-type": "application/json" } as const;
export const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
} as const;

/** A JSON value, at once. */
export function jsonPlan(value: unknown, status = 200): Plan {
  return { status, headers: JSON_HEADERS, parts: [{ bytes: JSON.stringify(value), afterMs: 0 }] };
}

/** An error in OpenAI's shape, at once. */
export function errorPlan(status: number, error: SimulatedError): Plan {
  return jsonPlan({ error }, status);
}
