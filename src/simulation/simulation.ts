/**
 * Simulation: a real OpenAI-compatible server on loopback whose models are simulated. One code for
 * the demo, the tests, the benchmarks and a user's dry runs.
 *
 * What its answers say is made up: every one carries `x-simulated: true` and the system fingerprint
 * `simulated`.
 * @module
 */
import type { Script } from "./behaviour.ts";
import { deliver } from "./deliver.ts";
import { type Listen, listenWithDeno } from "./deno_server.ts";
import { type Deployment, planAnswer } from "./endpoints.ts";
import { Models } from "./models.ts";
import { Pauses } from "./pauses.ts";
import { errorPlan } from "./plan.ts";
import type { RecordedRequest } from "./recorded_request.ts";
import { type OpenRecord, Recorder, type RequestListener, type Totals } from "./recorder.ts";
import type { ModelSettings, SimulatedModel } from "./simulated_model.ts";
import { type SimulationClock, systemClock } from "./simulation_clock.ts";

export interface SimulationOptions {
  readonly models?: readonly SimulatedModel[];
  /** What configured models leave open, and how models that are not configured behave. */
  readonly defaults?: ModelSettings;
  /** Answer model names that are not configured with 404. Default: a model of their own each. */
  readonly strictModels?: boolean;
  /** Same seed, same order of requests to a model: same answers, latencies and faults. */
  readonly seed?: number;
  /** Ask for this key. */
  readonly apiKey?: string;
  readonly hostname?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Called once per request; what it returns happens instead of what the model would do. */
  readonly script?: Script;
  /** How many of the latest requests are kept; 0: none, which costs least. Default 1,000. */
  readonly keepRequests?: number;
  readonly clock?: SimulationClock;
  /** What it listens with. Default: Deno's own server, which costs least. */
  readonly listen?: Listen;
}

export interface Simulation extends AsyncDisposable {
  /** As a client's base URL: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  /** The latest requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly totals: Totals;
  /** Calls `listener` with every request once its body is read. Returns how to stop that. */
  onArrived(listener: RequestListener): () => void;
  /** Calls `listener` with every request that has ended. Returns how to stop that. */
  onEnded(listener: RequestListener): () => void;
  /**
   * Resolves with the first request, past or to come, for which `predicate` holds; it is asked when
   * a request arrives, has its first byte sent, and ends.
   * @throws Error after 10 s, or when the simulation is closed.
   */
  waitFor(predicate: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** Ends what is still being answered and frees the port. */
  close(): Promise<void>;
}

/** Starts a simulated upstream; when it resolves, the port accepts. */
export async function startSimulation(options: SimulationOptions = {}): Promise<Simulation> {
  const clock = options.clock ?? systemClock;
  const recorder = new Recorder(clock, options.keepRequests ?? 1_000);
  const pauses = new Pauses(clock);
  const deployment: Deployment = {
    models: new Models({
      models: options.models ?? [],
      defaults: options.defaults ?? {},
      strict: options.strictModels ?? false,
    }),
    seed: options.seed ?? 0,
    script: options.script,
    needsKey: options.apiKey !== undefined,
  };
  const { hostname = "127.0.0.1", port = 0, listen = listenWithDeno } = options;
  const server = await listen({ hostname, port }, async (request) => {
    const record = openRecord(request, { recorder, apiKey: options.apiKey });
    const text = await readText(request);
    if (text !== null) readBody(text, record);
    recorder.arrived(record);
    if (text === null) {
      recorder.end(record, "aborted");
      return new Response(null, { status: 400 });
    }
    const plan = decide(record, deployment);
    return await deliver(plan, { request, record, recorder, pauses, clock });
  });

  const close = async (): Promise<void> => {
    pauses.close();
    recorder.close();
    // One turn of the event loop for what was just ended to be recorded; then every socket is closed,
    // since a graceful shutdown would wait for clients that do not read.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const closed = server.shutdown();
    server.abort();
    await closed;
  };
  return {
    url: `${server.url}/v1`,
    requests: recorder.requests,
    get totals() {
      return recorder.totals;
    },
    onArrived: (listener) => recorder.onArrived(listener),
    onEnded: (listener) => recorder.onEnded(listener),
    waitFor: (predicate) => recorder.waitFor(predicate),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openRecord(
  request: Request,
  { recorder, apiKey }: { recorder: Recorder; apiKey: string | undefined },
): OpenRecord {
  const { headers } = request;
  const given = headers.get("authorization");
  return recorder.open({
    method: request.method,
    path: pathOf(request.url),
    headers: recorder.keeps ? harmlessHeaders(headers) : {},
    authorized: apiKey === undefined ? given !== null : given === `Bearer ${apiKey}`,
  });
}

/** The path of an absolute URL, without the cost of parsing all of it. */
function pathOf(url: string): string {
  const start = url.indexOf("/", "https://".length);
  const query = url.indexOf("?", start);
  return query < 0 ? url.slice(start) : url.slice(start, query);
}

const secretHeaders = new Set(["authorization", "api-key", "x-api-key", "cookie"]);

const harmlessHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !secretHeaders.has(name)));

/** The request's body; null where its client left before it was through. */
async function readText(request: Request): Promise<string | null> {
  if (request.body === null) return "";
  try {
    return await request.text();
  } catch {
    return null;
  }
}

function readBody(text: string, record: OpenRecord): void {
  try {
    record.body = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof record.body !== "object" || record.body === null) return;
  record.model = typeof record.body.model === "string" ? record.body.model : "";
  record.stream = record.body.stream === true;
}

/** A script that throws is told to its client: a test then sees why. */
function decide(record: OpenRecord, deployment: Deployment) {
  try {
    return planAnswer(record, deployment);
  } catch (error) {
    const message = `Cannot simulate an answer: ${error instanceof Error ? error.message : error}`;
    return errorPlan(500, { message, type: "simulation_error", param: null, code: null });
  }
}
