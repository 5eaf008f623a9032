/**
 * Added CPU: what limits, ledger and breaker cost a fused request, each by itself. Measured in this
 * process, over many requests, because in a gateway under load they drown in the noise.
 * @module
 */
import process from "node:process";
import { UpstreamHealth } from "../../../src/health/upstream_health.ts";
import { healthPolicy } from "../../support/health_policy.ts";
import { JUDGE, MEMBERS, SYNTHESIZER } from "../names.ts";
import { storeFigures } from "../store_bench.ts";
import { type Bench, notMeasured, type Row } from "./figure.ts";

const FIGURE = "CPU added to a fused request: four limits, the ledger (SQLite), the breaker";
const MOST_US = 50;
const TO_REACH = `≤ ${MOST_US} µs each`;
const REQUESTS = 100_000;
/** A breaker lets each of a request's calls through and is told of its end. */
const CALLS = [
  ...MEMBERS.slice(0, 3).map((model) => ({ model, stage: "panel" as const })),
  { model: JUDGE, stage: "judge" as const },
  { model: SYNTHESIZER, stage: "synthesis" as const },
];

export async function addedCpu({ pace, startAnother }: Bench): Promise<Row[]> {
  // It is our own code that is measured, whoever the target is.
  if (!startAnother) return [notMeasured(FIGURE, TO_REACH)];
  const store = await storeFigures(["sqlite"]);
  const ledger = store.find(({ limits }) => limits === "none")!.cpuUs;
  const limits = store.find(({ limits }) => limits === "all four")!.cpuUs - ledger;
  const breaker = breakerUs(REQUESTS * pace);
  const us = (value: number) => `${value.toFixed(0)} µs`;
  return [{
    figure: FIGURE,
    toReach: TO_REACH,
    measured: `${us(limits)}, ${us(ledger)}, ${us(breaker)}`,
    reached: Math.max(limits, ledger, breaker) <= MOST_US,
    values: { limitsUs: limits, ledgerUs: ledger, breakerUs: breaker },
  }];
}

function breakerUs(requests: number): number {
  const health = new UpstreamHealth({ ...healthPolicy(), now: Date.now });
  const before = process.cpuUsage();
  for (let request = 0; request < requests; request++) {
    for (const { model, stage } of CALLS) {
      const upstream = { backend: "bench", model };
      if (!health.lets(upstream)) throw new Error("Cannot measure: the circuit is open");
      health.enter(upstream, { stage, cause: "first" })?.();
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}
