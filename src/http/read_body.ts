/**
 * Reads a request's body whole, within a size and a time. What is announced as too large is
 * refused unread; what turns out too large, too slow or broken is left where it is.
 * @module
 */
import type { Clock } from "../gate/clock.ts";
import { Refused } from "../gate/refusal.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A body that says that it is no larger is read in one piece: the server holds it to its word. */
const MAX_WHOLE_BYTES = 256 * 1024;

/** @throws {Refused} `body_too_large`, `body_too_slow`, `invalid_request` */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length"));
  if (declared > limits.maxBytes) throw tooLarge(limits);
  return declared > 0 && declared <= MAX_WHOLE_BYTES
    ? await readWhole(request, limits)
    : await readCounted(request, limits);
}

/** Half the cost of reading it bit by bit. */
async function readWhole(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const { maxBytes, timeoutMs, clock } = limits;
  const late = Promise.withResolvers<never>();
  const timer = clock.at(clock.now() + timeoutMs, () => late.reject(tooSlow(timeoutMs)));
  try {
    const bytes = new Uint8Array(await Promise.race([request.arrayBuffer(), late.promise]));
    if (bytes.length > maxBytes) throw tooLarge(limits);
    return bytes;
  } catch (error) {
    throw error instanceof Refused ? error : brokenBody();
  } finally {
    timer.clear();
  }
}

async function readCounted(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const { maxBytes, timeoutMs, clock } = limits;
  if (request.body === null) return new Uint8Array();

  const reader = request.body.getReader();
  let isLate = false;
  const timer = clock.at(clock.now() + timeoutMs, () => {
    isLate = true;
    reader.cancel().catch(() => {});
  });
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw tooSlow(timeoutMs);
      if (done) return joined(parts, size);
      size += value.length;
      if (size > maxBytes) throw tooLarge(limits);
      parts.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof Refused ? error : brokenBody();
  } finally {
    timer.clear();
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function tooLarge({ maxBytes }: BodyLimits): Refused {
  return new Refused({ type: "body_too_large", maxBytes });
}

function tooSlow(timeoutMs: number): Refused {
  return new Refused({ type: "body_too_slow", timeoutMs });
}

function brokenBody(): Refused {
  const message = "Cannot read the request: its body ended before it was complete";
  return new Refused({ type: "invalid_request", message, param: null, code: null });
}
