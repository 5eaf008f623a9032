/**
 * Added time: how much longer a fused request takes than the calls that it needed, one after the
 * other: the slowest answer of the panel, the judge, the synthesizer. Each call's time is the
 * upstream's own, from the arrival of the request to the last byte of its answer, so that what the
 * upstream itself is late by is not the gateway's. What the network and the queue in front of the
 * upstream take is.
 * @module
 */
import { sendFused, type Sent } from "../fused_request.ts";
import { load } from "../load.ts";
import { JUDGE, MEMBERS, SYNTHESIZER } from "../names.ts";
import { median, percentile } from "../percentiles.ts";
import type { Scenario, ServedCall } from "../scenario.ts";
import type { Bench, Row } from "./figure.ts";

const CLIENTS = 16;
const ROUNDS = 3;
const ROUND_MS = 5_000;
const WARM_UP_MS = 2_000;
const MOST_P50_MS = 3;
const MOST_P99_MS = 15;

const SCENARIO: Scenario = {
  others: { latencyMs: 40, spreadMs: 20 },
  models: {
    [MEMBERS[0]]: { latencyMs: 30, spreadMs: 15 },
    [MEMBERS[2]]: { latencyMs: 50, spreadMs: 25 },
  },
  record: true,
};

export async function addedTime({ target, upstream, pace }: Bench): Promise<Row[]> {
  await upstream.play(SCENARIO);
  const send = () => sendFused(target, { model: target.ofThree });
  await load(send, { clients: CLIENTS, forMs: WARM_UP_MS * pace });
  const p50s: number[] = [];
  const p99s: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const sent = await load(send, { clients: CLIENTS, forMs: ROUND_MS * pace });
    const calls = await upstream.calls();
    const added = sent.map((each) => tookMs(each) - neededMs(calls.get(each.request) ?? []));
    p50s.push(percentile(added, 50));
    p99s.push(percentile(added, 99));
  }
  const [p50, p99] = [median(p50s), median(p99s)];
  return [{
    figure: `time added beyond the calls that were needed, ${CLIENTS} in flight`,
    toReach: `p50 ≤ ${MOST_P50_MS} ms, p99 ≤ ${MOST_P99_MS} ms`,
    measured: `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
    reached: p50 <= MOST_P50_MS && p99 <= MOST_P99_MS,
    values: { p50Ms: p50, p99Ms: p99 },
  }];
}

function tookMs({ sentAt, endedAt }: Sent): number {
  return endedAt - sentAt;
}

function neededMs(calls: readonly ServedCall[]): number {
  const of = (isStage: (model: string) => boolean) =>
    Math.max(
      0,
      ...calls.filter((call) => isStage(call.model) && call.endedAs === "completed")
        .map(({ arrivedAt, endedAt }) => endedAt - arrivedAt),
    );
  const isMember = (model: string) => (MEMBERS as readonly string[]).includes(model);
  return of(isMember) + of((model) => model === JUDGE) + of((model) => model === SYNTHESIZER);
}
