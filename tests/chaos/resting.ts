/**
 * Resting: what the house still holds. After a storm all of it must come down to nothing by itself.
 * @module
 */
import type { House } from "./house.ts";
import { metricSum } from "./metrics_text.ts";

export interface Resting {
  readonly permits: number;
  readonly queued: number;
  /** Asks of workers, and those that wait for a place at their backend. */
  readonly asks: number;
  /** Calls at the upstream. */
  readonly calls: number;
  readonly workersAlive: number;
  readonly workersConfigured: number;
  /** The fewest that any role has ready. */
  readonly workersReady: number;
  readonly readyz: string;
}

/** Long enough for every time limit of the configuration to pass. */
const REST_MS = 15_000;
const LOOK_EVERY_MS = 25;

/** Resolves when nothing is held any more, or with what is still held after all limits are over. */
export async function resting(house: House, workersAlive: () => number): Promise<Resting> {
  const lookUntil = performance.now() + REST_MS;
  for (;;) {
    const state = await look(house, workersAlive);
    if (held(state).length === 0 || performance.now() > lookUntil) return state;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function look(house: House, workersAlive: () => number): Promise<Resting> {
  const { gateway: { url, system }, upstream, workers } = house;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const readyz = await fetch(`${url}/readyz`);
  return {
    permits: metricSum(metrics, "tutti_in_flight"),
    queued: metricSum(metrics, "tutti_queue_depth"),
    asks: system.waiting + system.pools.reduce((sum, { openAsks }) => sum + openAsks, 0),
    calls: upstream.totals.open,
    workersAlive: workersAlive(),
    workersConfigured: workers,
    workersReady: Math.min(...system.pools.map(({ readyCount }) => readyCount)),
    readyz: `${readyz.status} ${await readyz.text()}`,
  };
}

/** What should not be so. */
export function held(state: Resting): string[] {
  const { permits, queued, asks, calls, workersAlive, workersReady, workersConfigured } = state;
  return [
    ...(permits > 0 ? [`${permits} permits are held`] : []),
    ...(queued > 0 ? [`${queued} requests wait`] : []),
    ...(asks > 0 ? [`${asks} asks are open`] : []),
    ...(calls > 0 ? [`${calls} calls are open at the upstream`] : []),
    ...(workersAlive !== workersConfigured
      ? [`${workersAlive} workers live, not ${workersConfigured}`]
      : []),
    ...(workersReady !== workersConfigured
      ? [`${workersReady} workers are ready, not ${workersConfigured}`]
      : []),
    ...(state.readyz.startsWith("200") ? [] : [`/readyz says ${state.readyz}`]),
  ];
}
