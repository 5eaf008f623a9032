/**
 * Added time: how much longer a fused request takes than the calls that it needed: the slowest answer
 * of the panel, the judge, the synthesizer. What those take is measured on a client that makes the
 * same calls itself, as many at once: their models' own time, which differs from call to call and is
 * known from the upstream, and the way there and back, of which the median is taken.
 * @module
 */
import { sendDirectly } from "../direct_calls.ts";
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
  /** What each request took beyond its models' own time, by round. */
  const beyondModels = async (send: () => Promise<Timed>): Promise<number[][]> => {
    await load(send, { clients: CLIENTS, forMs: WARM_UP_MS * pace });
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const sent = await load(send, { clients: CLIENTS, forMs: ROUND_MS * pace });
      const calls = await upstream.calls();
      rounds.push(sent.map((each) => tookMs(each) - modelsMs(calls.get(each.request) ?? [])));
    }
    return rounds;
  };
  const direct = await beyondModels(() => sendDirectly({ baseUrl: upstream.url }));
  const wayMs = median(direct.map((round) => percentile(round, 50)));
  const fused = await beyondModels(() => sendFused(target, { model: target.ofThree }));
  const [p50, p99] = [50, 99].map((at) =>
    median(fused.map((round) => percentile(round, at))) - wayMs
  ) as [number, number];
  return [{
    figure: `time added beyond the calls that were needed, ${CLIENTS} in flight`,
    toReach: `p50 ≤ ${MOST_P50_MS} ms, p99 ≤ ${MOST_P99_MS} ms`,
    measured: `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (and ${
      wayMs.toFixed(2)
    } ms on the way, as without a gateway)`,
    reached: p50 <= MOST_P50_MS && p99 <= MOST_P99_MS,
    values: { p50Ms: p50, p99Ms: p99, wayMs },
  }];
}

type Timed = Pick<Sent, "request" | "sentAt" | "endedAt">;

function tookMs({ sentAt, endedAt }: Timed): number {
  return endedAt - sentAt;
}

/** The models' own time in the calls that were needed, one stage after the other. */
function modelsMs(calls: readonly ServedCall[]): number {
  const of = (isStage: (model: string) => boolean) =>
    Math.max(
      0,
      ...calls.filter((call) => isStage(call.model) && call.endedAs === "completed")
        .map(({ arrivedAt, endedAt }) => endedAt - arrivedAt),
    );
  const isMember = (model: string) => (MEMBERS as readonly string[]).includes(model);
  return of(isMember) + of((model) => model === JUDGE) + of((model) => model === SYNTHESIZER);
}
