/**
 * Chaos: one run: a calm, a storm, a rest, a calm again, and an end; and what speaks for or against
 * the gateway then.
 * @module
 */
import process from "node:process";
import { watchWorkers } from "../support/worker_count.ts";
import { CallBook } from "./call_book.ts";
import { calm } from "./calm.ts";
import type { Check } from "./check.ts";
import type { Evidence } from "./evidence.ts";
import { House } from "./house.ts";
import { outcomeChecks } from "./outcome_checks.ts";
import { restChecks } from "./rest_checks.ts";
import { resting } from "./resting.ts";
import { storm, type StormOptions } from "./storm.ts";
import { usageChecks } from "./usage_checks.ts";

export interface ChaosReport {
  readonly evidence: Evidence;
  readonly checks: readonly Check[];
}

/** A circuit that the storm has opened is closed again by calls that succeed. */
const MOST_ROUNDS = 20;
const ROUND_MS = 150;

export async function runChaos(options: StormOptions): Promise<ChaosReport> {
  using workers = watchWorkers();
  const before = resources();
  const evidence = await gather(options, () => workers.alive);
  const left = { workers: workers.alive, resources: added(before, resources()) };
  const all = { ...evidence, left };
  return {
    evidence: all,
    checks: [...outcomeChecks(all), ...usageChecks(all), ...restChecks(all)],
  };
}

async function gather(
  options: StormOptions,
  workersAlive: () => number,
): Promise<Omit<Evidence, "left">> {
  const book = new CallBook(options.seed);
  await using house = await House.start({ ...options, book });
  const before = await calm(house, "before");
  const stormed = await storm(house, options);
  const rested = await resting(house, workersAlive);
  const after = await calmAgain(house, before);
  const metrics = await (await fetch(`${house.gateway.url}/metrics`)).text();
  const ledger = await house.end();
  return {
    storm: stormed,
    reloaded: house.reloaded,
    book,
    witness: house.witness,
    metrics,
    ledger,
    neededGrace: house.neededGrace,
    totals: house.upstream.totals,
    resting: rested,
    calm: { before, after },
  };
}

async function calmAgain(house: House, before: readonly string[]): Promise<string[]> {
  for (let round = 1;; round++) {
    const after = await calm(house, `after-${round}`);
    const isAsBefore = after.every((found, at) => found === before[at]);
    if (isAsBefore || round === MOST_ROUNDS) return after;
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  }
}

/** What keeps the process alive: timers, servers, sockets. */
function resources(): string[] {
  return process.getActiveResourcesInfo();
}

function added(before: readonly string[], after: readonly string[]): string[] {
  const known = [...before];
  return after.filter((each) => {
    const at = known.indexOf(each);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}
