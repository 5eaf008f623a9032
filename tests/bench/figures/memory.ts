/**
 * Memory: what a gateway that has just been started keeps resident while a thousand fused requests
 * are in flight, against models that take seconds, and how soon it has given that back.
 * @module
 */
import { MOST_IN_FLIGHT, OF_THREE } from "../bench_config.ts";
import { sendFused } from "../fused_request.ts";
import { processUsage } from "../process_usage.ts";
import { type Bench, notMeasured, type Row } from "./figure.ts";

/** Of each call: models never answer all in one moment. */
const LATENCY = { latencyMs: 4_000, spreadMs: 1_500 };
const SAMPLE_MS = 250;
const SETTLE_MS = 1_500;
const MEGABYTE = 1024 * 1024;
const MOST_MB = 350;
const BACK_WITHIN = 1.2;
const BACK_AFTER_MS = 60_000;

const FIGURE = `resident memory with ${
  MOST_IN_FLIGHT.toLocaleString("en")
} fused requests in flight`;
const TO_REACH = `≤ ${MOST_MB} MB, and back within 20% of idle a minute after`;

export async function memory({ upstream, startAnother }: Bench): Promise<Row[]> {
  if (!startAnother) return [notMeasured(FIGURE, TO_REACH)];
  await using gateway = await startAnother();
  const resident = async () => ((await processUsage(gateway.pid))?.residentBytes ?? NaN) / MEGABYTE;
  await upstream.play({ others: LATENCY, record: false });
  await pause(SETTLE_MS);
  const idle = await resident();
  if (Number.isNaN(idle)) return [notMeasured(FIGURE, TO_REACH)];

  const target = { name: "", baseUrl: `${gateway.url}/v1`, ofThree: OF_THREE };
  const sent = Array.from({ length: MOST_IN_FLIGHT }, () => sendFused(target, { model: OF_THREE }));
  const all = Promise.all(sent).then(() => true);
  let peak = 0;
  while (!await Promise.race([all, pause(SAMPLE_MS)])) peak = Math.max(peak, await resident());

  const endedAt = performance.now();
  const enough = idle * BACK_WITHIN;
  let after = await resident();
  while (after > enough && performance.now() - endedAt < BACK_AFTER_MS) {
    await pause(1_000);
    after = await resident();
  }
  const backS = (performance.now() - endedAt) / 1_000;
  return [{
    figure: FIGURE,
    toReach: TO_REACH,
    measured: `${peak.toFixed(0)} MB; idle ${idle.toFixed(0)} MB, ${after.toFixed(0)} MB after ` +
      `${backS.toFixed(0)} s`,
    reached: peak <= MOST_MB && after <= enough,
    values: { peakMb: peak, idleMb: idle, afterMb: after, afterS: backS },
  }];
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms));
}
