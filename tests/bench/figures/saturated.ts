/**
 * Saturated: as many requests as the gateway can take, against models that answer at once. What one
 * fused request (panel of three, judge, synthesizer, 1 KB answers) costs in processor time, and how
 * many there are in a second. The rate is that of the whole machine: the clients and the upstream
 * run on the same cores.
 * @module
 */
import { sendFused } from "../fused_request.ts";
import { load } from "../load.ts";
import { median } from "../percentiles.ts";
import { processUsage } from "../process_usage.ts";
import type { Bench, Row } from "./figure.ts";

const CLIENTS = 64;
const ROUNDS = 7;
const ROUND_MS = 3_000;
/** Until nearly all is compiled. */
const WARM_UP_MS = 12_000;
const MOST_CPU_MS = 1.2;
const LEAST_PER_SECOND = 800;

export async function saturated({ target, upstream, pace }: Bench): Promise<Row[]> {
  await upstream.play({ others: { latencyMs: 0 }, record: false });
  const send = () => sendFused(target, { model: target.ofThree });
  await load(send, { clients: CLIENTS, forMs: WARM_UP_MS * pace });
  const cpuMs: number[] = [];
  const perSecond: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await cpuOf(target.pid);
    const startedAt = performance.now();
    const { length } = await load(send, { clients: CLIENTS, forMs: ROUND_MS * pace });
    perSecond.push(length / (performance.now() - startedAt) * 1_000);
    const after = await cpuOf(target.pid);
    if (before !== undefined && after !== undefined) cpuMs.push((after - before) / length);
  }
  const cpu = median(cpuMs);
  const rate = median(perSecond);
  return [
    {
      figure: "CPU of the gateway per fused request, saturated",
      toReach: `≤ ${MOST_CPU_MS} ms`,
      measured: cpuMs.length > 0 ? `${cpu.toFixed(2)} ms` : null,
      reached: cpuMs.length > 0 ? cpu <= MOST_CPU_MS : null,
      values: cpuMs.length > 0 ? { cpuMs: cpu } : {},
    },
    {
      figure: "fused requests per second, saturated",
      toReach: `≥ ${LEAST_PER_SECOND}`,
      measured: rate.toFixed(0),
      reached: rate >= LEAST_PER_SECOND,
      values: { perSecond: rate },
    },
  ];
}

async function cpuOf(pid: number | undefined): Promise<number | undefined> {
  return pid === undefined ? undefined : (await processUsage(pid))?.cpuMs;
}
