/**
 * Start time: from the start of the process to its line "listening on", with everything that it
 * loads in Deno's cache.
 * @module
 */
import { median } from "../percentiles.ts";
import { type Bench, notMeasured, type Row } from "./figure.ts";

const STARTS = 7;
const MOST_MS = 600;
const FIGURE = "start to listening, warm cache";
const TO_REACH = `≤ ${MOST_MS} ms`;

export async function startTime({ startAnother, pace }: Bench): Promise<Row[]> {
  if (!startAnother) return [notMeasured(FIGURE, TO_REACH)];
  const starts: number[] = [];
  while (starts.length < Math.max(3, STARTS * pace)) {
    await using gateway = await startAnother();
    starts.push(gateway.startMs);
  }
  const ms = median(starts);
  return [{
    figure: FIGURE,
    toReach: TO_REACH,
    measured: `${ms.toFixed(0)} ms`,
    reached: ms <= MOST_MS,
    values: { ms },
  }];
}
