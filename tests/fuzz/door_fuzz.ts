/**
 * Door fuzz: posts hostile requests at the app in process, one after the other, each checked by
 * well_answered.ts; and at the end that memory, metrics and log are as after the first of them.
 * @module
 */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import type { StartRelay } from "../../src/fusion/relay_request.ts";
import { createLog } from "../../src/observe/log.ts";
import { door } from "../support/door.ts";
import { answered, profile } from "../support/scripted_run.ts";
import { type HostileRequest, hostileRequest, PROMPT } from "./hostile_requests.ts";
import { ensureWellAnswered, type Verdict } from "./well_answered.ts";

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  readonly onProgress?: (done: number) => void;
}

export interface FuzzReport {
  readonly accepted: number;
  readonly refused: number;
  /** The longest that one request took. */
  readonly longestMs: number;
  /** Bytes that are held after the last request and were not after the first tenth of them. */
  readonly grownBytes: number;
}

/** A leak of 400 bytes a request shows in 20,000 of them; the collector's own noise is below 2 MB. */
const MAX_GROWTH_BYTES = 8_000_000;
const MAX_METRICS_CHARS = 100_000;
const BATCHES = 10;
const KEY = "sk-canary-key-93b1c6";

/** @throws where an answer is not as it must be, with the request cut down to what is wrong */
export async function fuzzDoor({ runs, seed, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const target = fuzzedDoor();
  const counts: Record<Verdict, number> = { accepted: 0, refused: 0 };
  const batch = Math.ceil(runs / BATCHES);
  let longestMs = 0;
  let heldFirst = 0;
  for (let done = 0; done < runs; done += batch) {
    const property = fc.asyncProperty(hostileRequest, async (request) => {
      const startedAt = performance.now();
      counts[await target.post(request)]++;
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    });
    await fc.assert(property, { numRuns: Math.min(batch, runs - done), seed: seed + done });
    if (done === 0) heldFirst = heldBytes();
    onProgress?.(Math.min(done + batch, runs));
  }
  const grownBytes = heldBytes() - heldFirst;
  assert.ok(grownBytes < MAX_GROWTH_BYTES, `memory has grown by ${grownBytes} bytes`);
  await target.ensureCalm();
  return { ...counts, longestMs, grownBytes };
}

/** A door behind which every run and relay answers at once, and one who knows the key in front. */
export function fuzzedDoor() {
  const house = door({
    log: createLog({ write: ensureQuiet, now: () => 0 }),
    profiles: [profile({ name: "test" })],
    passthrough: { models: [{ id: "solo", backend: "default", model: "solo" }], startRelay },
  });
  return {
    async post(request: HostileRequest): Promise<Verdict> {
      // Nobody looks at what was started, and it would count as grown memory.
      house.started.length = 0;
      const response = await house.app.request(request.path, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${KEY}`,
          ...(request.saysLength && { "content-length": String(request.bytes.length) }),
        },
        body: request.bytes,
      });
      return await ensureWellAnswered(response, request);
    },
    /** Nothing is left over, and the metrics hold no more than before. */
    async ensureCalm(): Promise<void> {
      assert.equal(house.clock.pending, 0, "a timer is left");
      assert.equal(house.admission.inFlight, 0, "a place is still held");
      const metrics = await house.metrics.expose();
      assert.ok(metrics.length < MAX_METRICS_CHARS, `metrics of ${metrics.length} characters`);
      ensureQuiet(metrics);
    },
  };
}

const startRelay: StartRelay = ({ stream }) => {
  const deltas = new ReadableStream<string>({
    start(controller) {
      for (const text of stream ? ["", "data: [DONE]\n\n"] : ["{}"]) controller.enqueue(text);
      controller.close();
    },
  });
  return { outcome: Promise.resolve(answered({ route: "single" })), deltas, cancel() {} };
};

/** What is written down holds no prompt and no key, and tells of no fault of ours. */
export function ensureQuiet(written: string): void {
  const [canary] = PROMPT.split(" ");
  assert.ok(!written.includes(canary!), `a prompt was written down: ${written}`);
  assert.ok(!written.includes(KEY), `a key was written down: ${written}`);
  assert.doesNotMatch(written, /internal error|run broke/);
}

let collect: (() => void) | undefined;

/** What the heap holds when all has been collected that can be. */
function heldBytes(): number {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  return Deno.memoryUsage().heapUsed;
}
