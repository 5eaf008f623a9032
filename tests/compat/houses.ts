/**
 * Houses: the served gateway in front of each upstream of the matrix: our own simulation, and a mock
 * by somebody else. Both play the same parts, so every client test runs before both.
 * @module
 */
import type { RecordedRequest } from "../../src/simulation/recorded_request.ts";
import { startSimulation } from "../../src/simulation/simulation.ts";
import type { Behaviour } from "../../src/simulation/behaviour.ts";
import { gatewayBefore } from "../support/gateway_before.ts";
import { ENDLESS, STATUSES } from "./parts.ts";

/** How a profile deals with tools; each is a profile by this name. */
export const POLICIES = ["bypass", "advise", "first_call"] as const;
export type Policy = typeof POLICIES[number];

export interface House extends AsyncDisposable {
  /** The gateway's, for clients. */
  readonly baseUrl: string;
  /** The upstream's own, without the gateway. */
  readonly upstreamUrl: string;
  /** Requests that the gateway is working on. */
  inFlight(): Promise<number>;
}

/** Keeps connections alive far too often, so that no client test goes without. */
const STREAM = 'stream = { keepalive = "chunk", keepalive_ms = 5 }';

function profile(name: string, model: string, more = ""): string {
  return `
    [[profiles]]
    name = "${name}"
    router = { single_model = "${model}" }
    panel = { members = ["a", "b", "c"], min_quorum = 2, grace_ms = 0 }
    aggregator = { judge = "judge", synthesizer = "${model}" }
    ${STREAM}
    ${more}`;
}

const TOML = [
  "[runtime]\nworkers = 1",
  // An upstream's refusal is to reach the client as it is, each time.
  "[retry]\nmax_attempts = 1",
  "[breaker]\nconsecutive_failures = 1000\nmin_calls = 1000",
  ...POLICIES.map((policy) => profile(policy, "solo", `tools = { policy = "${policy}" }`)),
  profile("comment", "solo").replace('"chunk"', '"comment"'),
  profile("cut", "cut"),
  profile("endless", "endless"),
  ...STATUSES.map((status) =>
    profile(`status_${status}`, `status-${status}`).replace('"a", "b", "c"', `"status-${status}"`)
      .replace("min_quorum = 2", "min_quorum = 1")
  ),
].join("\n");

async function house(upstreamUrl: string, close: () => Promise<void>): Promise<House> {
  const gateway = await gatewayBefore(upstreamUrl, { toml: TOML });
  return {
    upstreamUrl,
    baseUrl: `${gateway.url}/v1`,
    inFlight: async () => Number((await gateway.metric("tutti_in_flight"))!.split(" ")[1]),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await close();
    },
  };
}

// ---- The simulation

function scripted({ model }: RecordedRequest): Behaviour | undefined {
  if (model === "cut") return { cutAfterBytes: 900, chunkMs: 1 };
  if (model === "endless") return { answer: ENDLESS, chunkMs: 20 };
  const status = /^status-(\d+)$/.exec(model)?.[1];
  if (status !== undefined) return { status: Number(status), headers: { "retry-after": "7" } };
  return undefined;
}

async function simulated(): Promise<House> {
  const upstream = await startSimulation({
    defaults: { firstTokenMs: 10, tokensPerSecond: 20_000 },
    script: scripted,
  });
  return await house(upstream.url, () => upstream.close());
}

// ---- The mock by somebody else

/** In a worker of its own: it goes on writing to clients that have left, and never clears its timers. */
async function mocked(): Promise<House> {
  const worker = new Worker(new URL("./mock_worker.ts", import.meta.url), { type: "module" });
  const url = await new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
  return await house(`${url}/v1`, () => Promise.resolve(worker.terminate()));
}

export const HOUSES: readonly { readonly name: string; open(): Promise<House> }[] = [
  { name: "the simulation", open: simulated },
  { name: "aimock", open: mocked },
];
