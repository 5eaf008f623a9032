/**
 * Deliver: carries a plan out on one connection: waits, writes, breaks off, and notices when the
 * client leaves.
 *
 * How Deno 2.9 tells that the client has left: before the headers `request.signal` aborts (nothing
 * else happens), in mid-body the stream's `cancel` is called. The signal also aborts after a
 * successful response unless `no-legacy-abort` is set, so it is listened to only before the headers.
 * @module
 */
import type { Part } from "./part.ts";
import type { Pause, PauseEnd, Pauses } from "./pauses.ts";
import type { Plan } from "./plan.ts";
import type { OpenRecord, Recorder } from "./recorder.ts";
import type { SimulationClock } from "./simulation_clock.ts";

export interface Connection {
  readonly request: Request;
  readonly record: OpenRecord;
  readonly recorder: Recorder;
  readonly pauses: Pauses;
  readonly clock: SimulationClock;
}

/** The reason with which a body is broken off on purpose. */
export const CUT = new Error("The simulation cut this body off");

export async function deliver(plan: Plan, connection: Connection): Promise<Response> {
  const { record, recorder } = connection;
  if (waitsForHeaders(plan)) {
    const how = await holdHeaders(plan, connection);
    if (how !== "over") {
      recorder.end(record, how === "aborted" ? "aborted" : "hung");
      return new Response(null, { status: 503 });
    }
  }
  record.status = plan.status;
  const headers = { "x-simulated": "true", ...plan.headers };
  const whole = wholeBody(plan);
  if (whole) {
    recorder.sent(record, whole.length);
    record.usageReported = (plan.parts as readonly Part[]).some(({ tellsUsage }) => tellsUsage);
    recorder.end(record, endOf(plan));
    return new Response(whole, { status: plan.status, headers });
  }
  return new Response(bodyStream(plan, connection), { status: plan.status, headers });
}

const waitsForHeaders = ({ delayMs = 0, until, hang }: Plan): boolean =>
  delayMs > 0 || until !== undefined || hang === "headers";

async function holdHeaders(plan: Plan, { request, pauses }: Connection): Promise<PauseEnd> {
  const pause = pauses.start(
    plan.hang === "headers" || plan.until ? Infinity : plan.delayMs ?? 0,
  );
  const abort = (): void => pause.end("aborted");
  request.signal.addEventListener("abort", abort);
  if (request.signal.aborted) abort();
  if (plan.hang !== "headers") plan.until?.then(() => pause.end("over"), () => pause.end("over"));
  const how = await pause.ended;
  request.signal.removeEventListener("abort", abort);
  return how;
}

const encoder = new TextEncoder();
const toBytes = (bytes: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  typeof bytes === "string" ? encoder.encode(bytes) : bytes as Uint8Array<ArrayBuffer>;

/** The body in one piece, where nothing is waited for in it and it is not broken off. */
function wholeBody({ parts, hang, cutAfterBytes, separate }: Plan): Uint8Array<ArrayBuffer> | null {
  if (hang === "body" || cutAfterBytes !== undefined || separate || !Array.isArray(parts)) {
    return null;
  }
  let text = "";
  for (const { bytes, afterMs } of parts as readonly Part[]) {
    if (afterMs > 0) return null;
    if (typeof bytes !== "string") return joinBytes(parts.map((part: Part) => toBytes(part.bytes)));
    // Grown by concatenation: less than half the time of a join over many small parts.
    text += bytes;
  }
  return encoder.encode(text);
}

const endOf = (plan: Plan) => plan.status >= 400 || plan.unusable ? "failed" : "completed";

/** Writes larger than this are not put together. */
const WRITE_BYTES = 65_536;

/** The body, one pull at a time, so that a client that does not read is not written to. */
function bodyStream(plan: Plan, connection: Connection): ReadableStream<Uint8Array> {
  const { record, recorder, pauses, clock } = connection;
  const parts = (plan.hang === "body" ? firstHalf(plan.parts) : plan.parts)[Symbol.iterator]();
  const separate = plan.separate || plan.hang === "body";
  let next = parts.next();
  let dueAt = clock.now();
  let pause: Pause | undefined;
  let left = plan.cutAfterBytes ?? Infinity;

  const takeDue = (): Uint8Array => {
    const due: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    while (!next.done && (due.length === 0 || (!separate && size < WRITE_BYTES && isDue()))) {
      const bytes = toBytes(next.value.bytes);
      due.push(bytes);
      size += bytes.length;
      if (next.value.tellsUsage && size <= left) record.usageReported = true;
      next = parts.next();
      if (!next.done) dueAt += next.value.afterMs;
    }
    return joinBytes(due);
  };
  const isDue = (): boolean => dueAt <= clock.now();

  return new ReadableStream<Uint8Array>({
    start() {
      if (!next.done) dueAt += next.value.afterMs;
    },
    async pull(controller) {
      const hangs = plan.hang === "body" && record.bytesSent > 0;
      const waitMs = hangs ? Infinity : left === 0 ? 0 : dueAt - clock.now();
      if (waitMs > 0) {
        pause = pauses.start(waitMs);
        const how = await pause.ended;
        if (how === "aborted") return;
        if (how === "closed") {
          recorder.end(record, "hung");
          return controller.error(CUT);
        }
      }
      if (left === 0) {
        recorder.end(record, "cut");
        return controller.error(CUT);
      }
      const bytes = takeDue().subarray(0, left);
      left -= bytes.length;
      recorder.sent(record, bytes.length);
      controller.enqueue(bytes);
      // Told with the last byte: a client that has read it may leave before the next pull.
      if (next.done && left > 0 && plan.hang !== "body") {
        recorder.end(record, endOf(plan));
        controller.close();
      }
    },
    cancel() {
      recorder.end(record, "aborted");
      pause?.end("aborted");
      parts.return?.();
    },
  }, { highWaterMark: 0 });
}

/** The first part; or half of it, where it is the whole body. */
function* firstHalf(parts: Iterable<Part>): Generator<Part> {
  const [first, second] = [...parts].slice(0, 2);
  if (!first) return;
  const { bytes, afterMs } = first;
  yield second ? first : { bytes: bytes.slice(0, bytes.length / 2), afterMs };
}

function joinBytes(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (pieces.length === 1) return pieces[0]!;
  const joined = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
