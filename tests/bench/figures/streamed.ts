/**
 * Streamed: how soon a streamed request has its headers, and how soon the synthesizer's first token
 * has come through the gateway to the client.
 * @module
 */
import { sendFused } from "../fused_request.ts";
import { load } from "../load.ts";
import { SYNTHESIZER } from "../names.ts";
import { median } from "../percentiles.ts";
import type { Bench, Row } from "./figure.ts";

const CLIENTS = 8;
const ROUND_MS = 8_000;
const WARM_UP_MS = 1_500;
/** Of each call: clients in lockstep would measure how they wait for one another. */
const LATENCY = { latencyMs: 40, spreadMs: 20 };
const MOST_FIRST_DELTA_MS = 2;
const MOST_HEADERS_MS = 3;

export async function streamed(
  { target, upstream, upstreamAheadMs, pace }: Bench,
): Promise<Row[]> {
  await upstream.play({ others: LATENCY, tokenMs: 5, record: true });
  const send = () => sendFused(target, { model: target.ofThree, stream: true });
  await load(send, { clients: CLIENTS, forMs: WARM_UP_MS * pace });
  const sent = await load(send, { clients: CLIENTS, forMs: ROUND_MS * pace });
  const calls = await upstream.calls();

  const headers = median(sent.map(({ sentAt, headersAt }) => headersAt - sentAt));
  const firstDelta = median(sent.flatMap(({ request, firstContentAt }) => {
    const written = calls.get(request)?.findLast(({ model }) => model === SYNTHESIZER)?.firstByteAt;
    if (firstContentAt === null || written === undefined || written === null) return [];
    return [firstContentAt - (written - upstreamAheadMs)];
  }));
  return [
    {
      figure: "from the synthesizer's first token to the client's first content delta",
      toReach: `p50 ≤ ${MOST_FIRST_DELTA_MS} ms`,
      measured: `p50 ${firstDelta.toFixed(2)} ms`,
      reached: firstDelta <= MOST_FIRST_DELTA_MS,
      values: { p50Ms: firstDelta },
    },
    {
      figure: "headers of a streamed request",
      toReach: `p50 ≤ ${MOST_HEADERS_MS} ms`,
      measured: `p50 ${headers.toFixed(2)} ms`,
      reached: headers <= MOST_HEADERS_MS,
      values: { p50Ms: headers },
    },
  ];
}
