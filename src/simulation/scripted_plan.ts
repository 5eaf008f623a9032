/**
 * Scripted plan: the answer of a behaviour that settles it by itself: an error status, a raw body, or
 * silence.
 * @module
 */
import type { Behaviour } from "./behaviour.ts";
import type { Part } from "./part.ts";
import { JSON_HEADERS, type Plan } from "./plan.ts";
import { serverError } from "./server_error.ts";

/** Null where the model has to answer. */
export function scriptedPlan(behaviour: Behaviour): Plan | null {
  const { status = 200, body, chunks, hang } = behaviour;
  const parts = partsOf(behaviour);
  if (status < 400 && parts === null && hang !== "headers") return null;
  return {
    status,
    headers: { ...JSON_HEADERS, ...behaviour.headers },
    parts: parts ?? [{ bytes: JSON.stringify({ error: serverError(status) }), afterMs: 0 }],
    delayMs: behaviour.delayMs,
    until: behaviour.until,
    hang,
    cutAfterBytes: behaviour.cutAfterBytes,
    separate: chunks !== undefined && body === undefined,
  };
}

function partsOf({ body, chunks, chunkMs = 0 }: Behaviour): Iterable<Part> | null {
  if (body !== undefined) return [{ bytes: body, afterMs: 0 }];
  return chunks === undefined ? null : paced(chunks, chunkMs);
}

function* paced(chunks: Iterable<string | Uint8Array>, afterMs: number): Generator<Part> {
  for (const bytes of chunks) yield { bytes, afterMs };
}
