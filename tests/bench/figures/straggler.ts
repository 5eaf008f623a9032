/**
 * Straggler: a panel of five of which one takes a hundred times as long as the others. When does the
 * panel go on without it, and is its socket closed?
 * @module
 */
import { sendFused } from "../fused_request.ts";
import { JUDGE, MEMBERS, STRAGGLER } from "../names.ts";
import { median } from "../percentiles.ts";
import type { ServedCall } from "../scenario.ts";
import { type Bench, notMeasured, type Row } from "./figure.ts";

const LATENCY_MS = 40;
const TIMES = 100;
const REQUESTS = 8;
const QUORUM = 3;
/** What the panel waits after a quorum that took so little: the least that it ever waits. */
const GRACE_MS = 250;
/** What the way there and back, and the timers on it, may add. */
const SLACK_MS = 15;

const FIGURE = `panel of 5, one member at ${TIMES} × the others' latency`;
const TO_REACH = "answered within quorum + grace, its socket closed";

export async function straggler({ target, upstream, pace }: Bench): Promise<Row[]> {
  const model = target.ofFive;
  if (model === undefined) return [notMeasured(FIGURE, TO_REACH)];
  await upstream.play({
    others: { latencyMs: LATENCY_MS },
    models: { [STRAGGLER]: { latencyMs: LATENCY_MS * TIMES } },
    record: true,
  });
  const waits: number[] = [];
  const closings: number[] = [];
  const requests = Math.max(2, Math.round(REQUESTS * pace));
  for (let each = 0; each < requests; each++) {
    const { request } = await sendFused(target, { model });
    const calls = (await upstream.calls()).get(request) ?? [];
    const quorumAt = answersOf(calls)[QUORUM - 1]?.endedAt ?? NaN;
    const judged = calls.find((call) => call.model === JUDGE);
    const lagging = calls.find((call) => call.model === STRAGGLER);
    waits.push((judged?.arrivedAt ?? NaN) - quorumAt);
    closings.push(lagging?.endedAs === "aborted" ? lagging.endedAt - quorumAt : Infinity);
  }
  const [wait, closing] = [median(waits), Math.max(...closings)];
  return [{
    figure: FIGURE,
    toReach: TO_REACH,
    measured: `judged ${wait.toFixed(0)} ms after the quorum (grace ${GRACE_MS} ms), socket ` +
      (closing < Infinity ? `closed after ${closing.toFixed(0)} ms` : "left open"),
    reached: wait <= GRACE_MS + SLACK_MS && closing <= GRACE_MS + SLACK_MS,
    values: { waitMs: wait, closedAfterMs: closing },
  }];
}

/** The members' answers, in order of their ends. */
function answersOf(calls: readonly ServedCall[]): readonly ServedCall[] {
  return calls
    .filter((call) => call.endedAs === "completed" && MEMBERS.some((name) => name === call.model))
    .sort((a, b) => a.endedAt - b.endedAt);
}
