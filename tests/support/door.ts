/**
 * A door with everything behind it scripted: the app, and what a test looks at.
 * @module
 */
import { type AppOptions, createApp } from "../../src/app.ts";
import type { RunRequest, StartRun } from "../../src/fusion/run_request.ts";
import { Admission, type AdmissionLimits } from "../../src/gate/admission.ts";
import { LimitGate } from "../../src/gate/limit_gate.ts";
import { createLog } from "../../src/observe/log.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { ManualClock } from "./manual_clock.ts";
import { answered, profile, ScriptedRun } from "./scripted_run.ts";

export interface DoorChange extends Partial<Omit<AppOptions, "server" | "clock">> {
  readonly server?: Partial<AppOptions["server"]>;
  readonly limits?: Partial<AdmissionLimits>;
}

/** A door over a clock that stands still. Unless told otherwise, every run answers "Hello" at once. */
export function door(change: DoorChange = {}) {
  const { server, limits, ...rest } = change;
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), now: () => clock.now() });
  const metrics = createMetrics();
  const admission = new Admission(
    { maxConcurrentRequests: 100, queueLimit: 100, queueTimeoutMs: 5_000, ...limits },
    { clock, onShed: metrics.shed },
  );
  const started: RunRequest[] = [];
  const startRun: StartRun = rest.startRun ?? (() => {
    const run = new ScriptedRun();
    run.end();
    return run;
  });
  let ids = 0;
  const app = createApp({
    version: "0.0.0",
    profiles: [profile()],
    clientKeys: [],
    admission,
    limitGate: new LimitGate({
      ...{ store: undefined, keepsLedger: false, limitsByKey: new Map(), anonymousLimits: {} },
      prices: [],
    }),
    readiness: () => ({ ready: true, reasons: [] }),
    metrics,
    log,
    newRequestId: () => `id-${++ids}`,
    ...rest,
    startRun: (request) => (started.push(request), startRun(request)),
    server: { maxBodyBytes: 1_000_000, bodyTimeoutMs: 30_000, corsOrigins: [], ...server },
    clock,
  });
  return { app, clock, lines, metrics, admission, started };
}

/** One run for the one request of a test. */
export function scripted(change: DoorChange = {}) {
  const run = new ScriptedRun();
  return { run, ...door({ ...change, startRun: () => run }) };
}

/** A run that has already answered with `text`. */
export function answering(text: string): ScriptedRun {
  const run = new ScriptedRun();
  const message = { role: "assistant", content: text };
  run.end(answered({ choices: [{ index: 0, message, finish_reason: "stop" }] }));
  return run;
}

export const CHAT = "/v1/chat/completions";

export function chat(change: Record<string, unknown> = {}): RequestInit {
  const messages = [{ role: "user", content: "Hi" }];
  return post(JSON.stringify({ model: "fusion/default", messages, ...change }));
}

export function post(body: BodyInit, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
}

/** The app behind a real port. */
export function served(app: { fetch: (request: Request) => Response | Promise<Response> }) {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => app.fetch(request),
  );
  const { port } = server.addr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
