/**
 * Overload: ten times more clients than a gateway has places, each of whom comes back as soon as it
 * was answered or after the time that it was told to wait. What is still answered, how soon the
 * others are told that there is no place, what it costs in memory, and whether it passes.
 * @module
 */
import { benchConfig, OF_THREE } from "../bench_config.ts";
import { GatewayProcess } from "../gateway_process.ts";
import { load } from "../load.ts";
import { percentile } from "../percentiles.ts";
import { processUsage } from "../process_usage.ts";
import { tagged } from "../scenario.ts";
import type { Bench, Row } from "./figure.ts";

/** Places, with a queue as long; and how long a model takes. */
const PLACES = 32;
const LATENCY = { latencyMs: 100, spreadMs: 50 };
const TIMES = 10;
/** A shed client tries again within the second that it was told to wait. */
const AGAIN_MS = 1_000;
const WARM_UP_MS = 3_000;
const FOR_MS = 6_000;
const LEAST_GOODPUT = 0.9;
const MOST_SHED_MS = 50;
const MOST_GROWTH_MB = 100;
const MEGABYTE = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly ms: number;
}

interface Measured {
  readonly perSecond: number;
  readonly shedMs: readonly number[];
  readonly others: number;
}

export async function overload({ upstream, pace }: Bench): Promise<Row[]> {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(file, narrow(benchConfig(upstream.url)));
    await using gateway = await GatewayProcess.start(file);
    await upstream.play({ others: LATENCY, record: false });
    const measure = (clients: number, forMs: number) => measured(gateway.url, { clients, forMs });
    const resident = async () =>
      ((await processUsage(gateway.pid))?.residentBytes ?? NaN) / MEGABYTE;
    await measure(PLACES, WARM_UP_MS * pace);
    const before = await measure(PLACES, FOR_MS * pace);
    const idleMb = await resident();
    const during = await measure(PLACES * TIMES, FOR_MS * pace);
    const grewMb = await resident() - idleMb;
    const after = await measure(PLACES, FOR_MS * pace);
    return rows({ before, during, after, grewMb });
  } finally {
    await Deno.remove(file);
  }
}

function rows(
  { before, during, after, grewMb }: {
    readonly before: Measured;
    readonly during: Measured;
    readonly after: Measured;
    readonly grewMb: number;
  },
): Row[] {
  const goodput = during.perSecond / before.perSecond;
  const recovered = after.perSecond / before.perSecond;
  const shedMs = percentile(during.shedMs, 99);
  const share = (part: number) => `${(part * 100).toFixed(0)}%`;
  return [
    {
      figure: `goodput at ${TIMES} × capacity, and afterwards at capacity`,
      toReach: `≥ ${share(LEAST_GOODPUT)} of capacity, no other status than 200 and 503`,
      measured: `${share(goodput)}, then ${share(recovered)}; ${during.others} others`,
      reached: goodput >= LEAST_GOODPUT && recovered >= LEAST_GOODPUT && during.others === 0,
      values: { goodput, recovered, others: during.others },
    },
    {
      figure: "time until a shed request is told, p99",
      toReach: `≤ ${MOST_SHED_MS} ms`,
      measured: `${shedMs.toFixed(1)} ms of ${during.shedMs.length}`,
      reached: shedMs <= MOST_SHED_MS,
      values: { shedP99Ms: shedMs, shed: during.shedMs.length },
    },
    {
      figure: `memory grown at ${TIMES} × capacity`,
      toReach: `≤ ${MOST_GROWTH_MB} MB`,
      measured: Number.isNaN(grewMb) ? null : `${grewMb.toFixed(0)} MB`,
      reached: Number.isNaN(grewMb) ? null : grewMb <= MOST_GROWTH_MB,
      values: Number.isNaN(grewMb) ? {} : { grewMb },
    },
  ];
}

/** The bench's configuration with few places and a short queue. */
function narrow(config: string): string {
  return config.replace(
    /^max_concurrent_requests = .*$/m,
    `max_concurrent_requests = ${PLACES}\nqueue_limit = ${PLACES}`,
  );
}

async function measured(
  url: string,
  { clients, forMs }: { readonly clients: number; readonly forMs: number },
): Promise<Measured> {
  const startedAt = performance.now();
  const answers = await load(() => send(url), { clients, forMs, rampMs: AGAIN_MS });
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    perSecond: answers.filter(({ status }) => status === 200).length / seconds,
    shedMs: answers.filter(({ status }) => status === 503).map(({ ms }) => ms),
    others: answers.filter(({ status }) => status !== 200 && status !== 503).length,
  };
}

async function send(url: string): Promise<Answer> {
  const sentAt = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: OF_THREE, messages: [{ role: "user", content: tagged(0) }] }),
  });
  await response.text();
  const answer = { status: response.status, ms: performance.now() - sentAt };
  if (answer.status === 503) await pause(Math.random() * AGAIN_MS);
  return answer;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
