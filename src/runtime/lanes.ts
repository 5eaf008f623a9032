/**
 * Lanes: limits how many asks are under way at once on each of several lanes, over all pools. What
 * finds no place waits in line, first in first out; its time runs on while it waits, and whoever is
 * cancelled leaves the line. A lane without a limit lets everybody through.
 * @module
 */
import type { Failure } from "../protocol/failure.ts";
import { CANCELLED } from "./ask_failures.ts";
import type { Clock } from "./clock.ts";
import type { CancelAsk } from "./worker_pool.ts";

/** An ask that wants to enter a lane. Either `start` or `onGone` is called, once. */
export interface Entrant {
  /** Epoch milliseconds at which waiting is over. */
  readonly timeoutAt: number;
  /** Starts the ask; `leave` is to be called when it has ended. */
  readonly start: (leave: () => void) => CancelAsk;
  readonly onGone: (failure: Failure) => void;
}

interface Lane {
  readonly limit: number;
  taken: number;
  isMovingUp: boolean;
  readonly line: Set<Waiting>;
}

interface Waiting {
  readonly start: () => void;
}

export class Lanes {
  readonly #lanes: ReadonlyMap<string, Lane>;

  /** @param limits by lane name: how many asks may be under way at once, 1 or more */
  constructor(limits: ReadonlyMap<string, number>, readonly clock: Clock) {
    this.#lanes = new Map(
      [...limits].map((
        [name, limit],
      ) => [name, { limit, taken: 0, isMovingUp: false, line: new Set() }]),
    );
  }

  /** Asks that wait for a place, on all lanes. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, { line }) => sum + line.size, 0);
  }

  enter(name: string, entrant: Entrant): CancelAsk {
    const lane = this.#lanes.get(name);
    if (!lane) return entrant.start(() => {});
    const isFree = lane.taken < lane.limit && lane.line.size === 0;
    return isFree ? startIn(lane, entrant) : this.#wait(lane, entrant);
  }

  #wait(lane: Lane, entrant: Entrant): CancelAsk {
    let cancel: CancelAsk | undefined;
    const waiting: Waiting = {
      start: () => {
        timer.clear();
        cancel = startIn(lane, entrant);
      },
    };
    const go = (failure: Failure) => {
      timer.clear();
      if (lane.line.delete(waiting)) entrant.onGone(failure);
    };
    lane.line.add(waiting);
    const timer = this.clock.at(entrant.timeoutAt, () => go(WAITED_IN_VAIN));
    return (reason) => cancel ? cancel(reason) : go(CANCELLED);
  }
}

function startIn(lane: Lane, { start }: Entrant): CancelAsk {
  lane.taken++;
  let left = false;
  return start(() => {
    if (left) return;
    left = true;
    lane.taken--;
    moveUp(lane);
  });
}

/** One at a time, also where each who starts leaves at once: the line may be long. */
function moveUp(lane: Lane) {
  if (lane.isMovingUp) return;
  lane.isMovingUp = true;
  try {
    for (const next of lane.line) {
      if (lane.taken >= lane.limit) break;
      lane.line.delete(next);
      next.start();
    }
  } finally {
    lane.isMovingUp = false;
  }
}

const WAITED_IN_VAIN: Failure = {
  code: "timeout",
  source: "gateway",
  retryable: true,
  message: "Cannot ask: no place at the backend came free in time",
};
