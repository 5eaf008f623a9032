/**
 * Model pool: a pool of workers as whoever has a call to make sees it. Every call is told what is
 * known of its model, waits its turn where its backend takes only so many at once, and what it has
 * learned of its model is kept for the next, whichever worker that goes to.
 * @module
 */
import type { KnownQuirks } from "./fusion/known_quirks.ts";
import type { Call } from "./protocol/call.ts";
import { spentOf, type Terminal } from "./protocol/terminal.ts";
import type { Spent, Upstreams } from "./protocol/upstreams.ts";
import type { Lanes } from "./runtime/lanes.ts";
import type { CancelAsk, PoolAskOptions, WorkerPool } from "./runtime/worker_pool.ts";

export interface ModelPoolOptions<Ask, Answer> {
  readonly pool: WorkerPool<Upstreams, Ask, Answer, Spent>;
  readonly quirks: KnownQuirks;
  /** By backend. */
  readonly lanes: Lanes;
}

export class ModelPool<Ask extends { readonly call: Call }, Answer extends Spent> {
  constructor(readonly options: ModelPoolOptions<Ask, Answer>) {}

  ask(id: string, payload: Ask, ask: PoolAskOptions<Answer, Spent>): CancelAsk {
    const { pool, quirks, lanes } = this.options;
    const { call } = payload;
    const ended = (terminal: Terminal<Answer, Spent>) => {
      quirks.learn(call, spentOf(terminal)?.learned);
      ask.onTerminal(terminal);
    };
    return lanes.enter(call.backend, {
      timeoutAt: call.timeoutAt,
      start: (leave) =>
        pool.ask(id, { ...payload, call: quirks.told(call) }, {
          ...ask,
          onTerminal: (terminal) => {
            // In this order: what its run now cancels leaves the line before a place comes free.
            ended(terminal);
            leave();
          },
        }),
      onGone: (failure) => ended({ type: "failed", failure }),
    });
  }
}
