/**
 * Model pool: a pool of workers as whoever has a call to make sees it. A call whose model keeps
 * failing is not made; every other is told what is known of its model and waits its turn where its
 * backend takes only so many at once. What it shows of its model is kept for the next, whichever
 * worker that goes to.
 * @module
 */
import type { KnownQuirks } from "./fusion/known_quirks.ts";
import { type CallPurpose, CIRCUIT_OPEN, type UpstreamHealth } from "./health/upstream_health.ts";
import type { Call } from "./protocol/call.ts";
import type { Failure } from "./protocol/failure.ts";
import { failureOf, spentOf, type Terminal } from "./protocol/terminal.ts";
import type { Spent, Upstreams } from "./protocol/upstreams.ts";
import type { Lanes } from "./runtime/lanes.ts";
import type { CancelAsk, PoolAskOptions, WorkerPool } from "./runtime/worker_pool.ts";

export interface ModelPoolOptions<Ask, Answer> {
  readonly pool: WorkerPool<Upstreams, Ask, Answer, Spent>;
  readonly health: UpstreamHealth;
  readonly quirks: KnownQuirks;
  /** By backend. */
  readonly lanes: Lanes;
}

export type ModelAskOptions<Answer> = PoolAskOptions<Answer, Spent> & CallPurpose;

/** What of a call is to be known before it is made. */
type ModelCall = Pick<Call, "backend" | "model" | "timeoutAt">;

export class ModelPool<Ask extends { readonly call: ModelCall }, Answer extends Spent> {
  constructor(readonly options: ModelPoolOptions<Ask, Answer>) {}

  /** Tells the ask's one end, before it returns where the ask cannot be made. */
  ask(id: string, payload: Ask, { stage, cause, ...ask }: ModelAskOptions<Answer>): CancelAsk {
    const { pool, health, quirks, lanes } = this.options;
    const { call } = payload;
    const notMade = (failure: Failure) => {
      ask.port?.close();
      ask.onTerminal({ type: "failed", failure });
    };
    const start = (leave: () => void): CancelAsk => {
      const ended = health.enter(call, { stage, cause });
      if (!ended) {
        notMade(CIRCUIT_OPEN);
        leave();
        return () => {};
      }
      return pool.ask(id, { ...payload, call: quirks.told(call) }, {
        ...ask,
        onTerminal: (terminal) => {
          ended(shownFailure(terminal, { call, now: health.options.now() }));
          quirks.learn(call, spentOf(terminal)?.learned);
          // In this order: what its run now cancels leaves the line before a place comes free.
          ask.onTerminal(terminal);
          leave();
        },
      });
    };
    if (health.lets(call)) {
      return lanes.enter(call.backend, { timeoutAt: call.timeoutAt, start, onGone: notMade });
    }
    notMade(CIRCUIT_OPEN);
    return () => {};
  }
}

/** What an ask's end shows of its upstream: one that was cut off when its time was over was too slow. */
function shownFailure(
  terminal: Terminal<unknown, unknown>,
  { call, now }: { readonly call: ModelCall; readonly now: number },
): Failure | undefined {
  if (terminal.type === "answered") return undefined;
  const failure = failureOf(terminal);
  const isOver = failure.code === "cancelled" && now >= call.timeoutAt;
  return isOver ? { ...failure, code: "timeout", source: "upstream" } : failure;
}
