/**
 * Ask upstream: the way of one ask to the model that it calls: past the model's breaker, along its
 * backend's lane, told what the model does not take; and back, with what the call has shown of all
 * three. One for all runs: what they share is passed in.
 * @module
 */
import type { KnownQuirks } from "../fusion/known_quirks.ts";
import type { AskCause, Stage } from "../fusion/outcome.ts";
import type { Call } from "../protocol/call.ts";
import type { Failure } from "../protocol/failure.ts";
import { failureOf, spentOf, type Terminal } from "../protocol/terminal.ts";
import type { Spent, Upstreams } from "../protocol/upstreams.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Lanes } from "../runtime/lanes.ts";
import type { CancelAsk, PoolAskOptions, WorkerPool } from "../runtime/worker_pool.ts";
import { CIRCUIT_OPEN, type UpstreamHealth } from "./upstream_health.ts";

/** What the asks of all runs share. */
export interface Ways {
  readonly health: UpstreamHealth;
  readonly lanes: Lanes;
  readonly quirks: KnownQuirks;
  readonly clock: Clock;
}

export interface AskUpstreamOptions<Answer> extends PoolAskOptions<Answer, Spent> {
  /** New to the pool. */
  readonly id: string;
  readonly stage: Stage;
  readonly cause: AskCause;
}

/** Tells the ask's one end, perhaps before it returns: where it cannot be sent. */
export function askUpstream<Ask extends { readonly call: Call }, Answer extends Spent>(
  pool: WorkerPool<Upstreams, Ask, Answer, Spent>,
  payload: Ask,
  { health, lanes, quirks, clock, id, stage, cause, onTerminal, ...how }:
    & AskUpstreamOptions<Answer>
    & Ways,
): CancelAsk {
  const { call } = payload;
  const notSent = (failure: Failure) => {
    how.port?.close();
    onTerminal({ type: "failed", failure });
  };
  const start = (leave: () => void): CancelAsk => {
    const ended = health.enter(call, { stage, cause });
    if (!ended) {
      notSent(CIRCUIT_OPEN);
      leave();
      return () => {};
    }
    return pool.ask(id, { ...payload, call: quirks.told(call) }, {
      ...how,
      onTerminal: (terminal) => {
        ended(shownFailure(terminal, { call, now: clock.now() }));
        quirks.learn(call, spentOf(terminal)?.learned);
        // In this order: what the run now cancels leaves the line before a place comes free.
        onTerminal(terminal);
        leave();
      },
    });
  };
  if (health.lets(call)) {
    return lanes.enter(call.backend, { timeoutAt: call.timeoutAt, start, onGone: notSent });
  }
  notSent(CIRCUIT_OPEN);
  return () => {};
}

/** What an ask's end shows of its upstream: one that was cut off when its time was over was too slow. */
function shownFailure(
  terminal: Terminal<unknown, unknown>,
  { call, now }: { readonly call: Call; readonly now: number },
): Failure | undefined {
  if (terminal.type === "answered") return undefined;
  const failure = failureOf(terminal);
  const isOver = failure.code === "cancelled" && now >= call.timeoutAt;
  return isOver ? { ...failure, code: "timeout", source: "upstream" } : failure;
}
