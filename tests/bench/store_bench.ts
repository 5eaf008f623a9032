/**
 * Store bench: what limits and ledger add to one request (a reservation and a settlement of a fused
 * run of five members, judge and synthesizer), per backend. CPU is that of this process, user and
 * system, with 16 requests in flight; the times are of one request after the other. A SQLite file stands in the temporary folder, Redis on loopback where redis-server is there.
 *
 *     deno run --allow-net --allow-read --allow-write --allow-run --allow-env --allow-sys tests/bench/store_bench.ts
 * @module
 */
import process from "node:process";
import type { Backend } from "../../src/store/backend.ts";
import { guardedStore } from "../../src/store/guarded_store.ts";
import { memoryBackend } from "../../src/store/memory_backend.ts";
import { redisBackend } from "../../src/store/redis_backend.ts";
import { connect } from "../../src/store/redis_connection.ts";
import { sqliteBackend } from "../../src/store/sqlite_backend.ts";
import type { Bill, Limits } from "../../src/store/store.ts";
import { noRedis, RedisServer } from "../store/redis_server.ts";

const requests = 20_000;
const oneByOne = 4_000;
const inFlight = 16;
const clock = { now: Date.now, tickMs: () => performance.now() };
const allLimits: Limits = {
  requestsPerMinute: 1e9,
  tokensPerMinute: 1e9,
  usdPerDay: 1e6,
  usdPerMonth: 1e6,
};
const usage = { promptTokens: 300, completionTokens: 200, cachedTokens: 10, reasoningTokens: 5 };
const bill: Bill = {
  route: "fuse",
  outcome: "fused",
  usageByModel: [
    ...[..."abcde"].map((m) => ({ stage: "panel" as const, model: `vendor::model-${m}` })),
    { stage: "judge" as const, model: "vendor::model-j" },
    { stage: "synthesis" as const, model: "vendor::model-s" },
  ].map((pair) => ({ ...pair, usage, costUsd: 0.00123 })),
};

export interface StoreFigures {
  readonly backend: string;
  readonly limits: "none" | "all four";
  /** Microseconds a request. */
  readonly cpuUs: number;
  readonly reserveP50Us: number;
  readonly settleP50Us: number;
  readonly p99Us: number;
}

async function measure(backend: string, opened: Backend, limits: Limits): Promise<StoreFigures> {
  let count = 0;
  const run = crypto.randomUUID().slice(0, 8);
  const store = await guardedStore(opened, {
    onFailure: "closed",
    clock,
    newId: () => `${run}-${(count++).toString(36)}`,
    onEvent: (event) => {
      throw new Error(event.type);
    },
    every: () => () => {},
  });
  const reserveMs: number[] = [];
  const settleMs: number[] = [];
  const lane = async (number: number, each: number) => {
    for (let i = 0; i < each; i++) {
      const claim = { key: `team-${number}`, profile: "default", tokens: 10_000, costUsd: 0.05 };
      const startedMs = performance.now();
      const admission = await store.reserve({ requestId: crypto.randomUUID(), limits, ...claim });
      if (admission.type !== "admitted") throw new Error(admission.type);
      const reservedMs = performance.now();
      await store.settle(admission.reservation, bill);
      reserveMs.push(reservedMs - startedMs);
      settleMs.push(performance.now() - reservedMs);
    }
  };
  const lanes = (each: number) =>
    Promise.all(Array.from({ length: inFlight }, (_, n) => lane(n, each)));
  await lanes(100);
  const before = process.cpuUsage();
  await lanes(requests / inFlight);
  const { user, system } = process.cpuUsage(before);
  reserveMs.length = settleMs.length = 0;
  await lane(0, oneByOne);
  await store.close();
  return {
    backend,
    limits: limits === allLimits ? "all four" : "none",
    cpuUs: (user + system) / requests,
    reserveP50Us: quantile(reserveMs, 0.5) * 1_000,
    settleP50Us: quantile(settleMs, 0.5) * 1_000,
    p99Us: quantile(reserveMs.map((ms, i) => ms + settleMs[i]!), 0.99) * 1_000,
  };
}

type BackendName = "memory" | "sqlite" | "redis";

const ALL: readonly BackendName[] = ["memory", "sqlite", "redis"];

/** Two for each backend, without limits and with all four; none for a Redis that is not there. */
export async function storeFigures(backends = ALL): Promise<StoreFigures[]> {
  const figures: StoreFigures[] = [];
  for (const backend of backends) {
    if (backend === "redis" && noRedis !== undefined) continue;
    for (const limits of [{}, allLimits]) figures.push(await figureOf(backend, limits));
  }
  return figures;
}

async function figureOf(backend: BackendName, limits: Limits): Promise<StoreFigures> {
  const options = { clock, processId: "bench", ledgerDays: 400 };
  switch (backend) {
    case "memory":
      return await measure(backend, memoryBackend(clock), limits);
    case "sqlite": {
      const folder = await Deno.makeTempDir();
      const file = sqliteBackend(`${folder}/tutti.sqlite`, options);
      const figure = await measure(backend, file, limits);
      await Deno.remove(folder, { recursive: true });
      return figure;
    }
    case "redis": {
      await using server = await RedisServer.start();
      return await measure(backend, redisBackend(await connect(server.url), options), limits);
    }
    default:
      return backend satisfies never;
  }
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? NaN;
}

if (import.meta.main) {
  const line = (cells: readonly string[]) =>
    Deno.stdout.writeSync(
      new TextEncoder().encode(`${cells.map((cell) => cell.padStart(12)).join("")}\n`),
    );
  line(["backend", "limits", "cpu µs", "reserve p50", "settle p50", "both p99"]);
  for (const f of await storeFigures()) {
    const figures = [f.cpuUs, f.reserveP50Us, f.settleP50Us, f.p99Us];
    line([f.backend, f.limits, ...figures.map((us) => us.toFixed(1))]);
  }
  if (noRedis !== undefined) line([`redis: ${noRedis}`]);
}
