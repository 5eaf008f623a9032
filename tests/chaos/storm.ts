/**
 * Storm: many clients at once, each of whom takes the next planned request as soon as its last one
 * is over, while workers are killed and the configuration is changed.
 * @module
 */
import { seededRng } from "../../src/simulation/rng.ts";
import { send, type SentRequest } from "./chaos_client.ts";
import type { House } from "./house.ts";
import { planRequest } from "./request_plan.ts";

export interface StormOptions {
  readonly seed: number;
  /** Clients at once. */
  readonly load: number;
  /** Whether one more request is sent, after so many. */
  readonly goesOn: (sent: number) => boolean;
}

export interface Storm {
  readonly sent: readonly SentRequest[];
  readonly killed: number;
}

/** Every so many requests. */
const KILL_EVERY = 100;
const RELOAD_EVERY = 150;
/** Who finds no place waits before the next request; else most requests would be such. */
const SHED_PAUSE_MS = 150;

export async function storm(house: House, { seed, load, goesOn }: StormOptions): Promise<Storm> {
  const sent: SentRequest[] = [];
  let next = 0;
  let killed = 0;

  function kill(slots: readonly number[]) {
    killed += slots.length;
    house.kill(slots);
  }

  function disturb(number: number) {
    if (number % KILL_EVERY === KILL_EVERY / 2) {
      kill(slotsToKill(house.workers, seededRng(seed, "kill", number).next()));
    }
    if (number % RELOAD_EVERY === RELOAD_EVERY / 2) house.reload();
  }

  async function client() {
    while (goesOn(next)) {
      const number = next++;
      disturb(number);
      const each = await send(house.gateway.url, planRequest(seed, number));
      sent.push(each);
      if (each.end.type === "failed" && each.end.status === 503) await pause(SHED_PAUSE_MS);
    }
  }

  await Promise.all(Array.from({ length: load }, client));
  // All of them, when no new configuration can bring new ones in their place any more.
  await house.settled();
  kill(slotsOf(house.workers));
  return { sent, killed };
}

/** One of them, or now and then all. */
function slotsToKill(workers: number, chance: number): number[] {
  return chance < 0.2 ? slotsOf(workers) : [Math.floor(chance * workers)];
}

const slotsOf = (workers: number): number[] => Array.from({ length: workers }, (_, slot) => slot);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
