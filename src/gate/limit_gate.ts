/**
 * Limit gate: holds each client key to its limits and has every request written into the ledger. A
 * request books its worst case before it is dispatched, and is billed by what its run reports when
 * it is over, however it ends: answered, failed, broken, or left by its client.
 *
 * Where a key has no limit and there is no ledger, nothing is counted and nothing is spent on it.
 * @module
 */
import type { Outcome, Run } from "../fusion/outcome.ts";
import type { Price } from "../fusion/profile.ts";
import type { Bill, Limits, LimitState, Store } from "../store/store.ts";
import { Refused } from "./refusal.ts";
import type { WorstCase } from "./worst_case.ts";

export interface LimitGateOptions {
  /** Absent where nobody is limited and nothing is written down. */
  readonly store: Store | undefined;
  /** Whether the store keeps a ledger, so that requests without limits are written down too. */
  readonly keepsLedger: boolean;
  /** By the client key's name. */
  readonly limitsByKey: ReadonlyMap<string, Limits>;
  /** Of a caller without a key, where the door is open. */
  readonly anonymousLimits: Limits;
  readonly prices: readonly Price[];
}

export interface Visitor {
  readonly requestId: string;
  /** Name of the client key. */
  readonly client: string | undefined;
  /** As the ledger names it. */
  readonly profile: string;
  /** The most that the request may use; asked for only where use is limited. */
  readonly worstCase: (priceOf: (model: string) => Price | undefined) => WorstCase;
}

/** A run, or what is billed as one. */
type Billed = Pick<Run, "outcome">;

/** One request's place in the books. */
export interface Booking {
  /** How full the key's limits were once it was let in. */
  readonly state: LimitState;
  /** Starts the request's run, and bills it when it is over. To be called once. */
  run<Started extends Billed>(start: () => Started): Started;
  /** Resolves when the bill is kept. */
  readonly settled: Promise<void>;
}

/** How the ledger names a caller without a key. */
export const ANONYMOUS = "anonymous";

const NOT_COUNTED: Booking = {
  state: {},
  run: (start) => start(),
  settled: Promise.resolve(),
};

export class LimitGate {
  readonly #options: LimitGateOptions;
  readonly #prices: ReadonlyMap<string, Price>;
  readonly #open = new Set<Promise<void>>();

  constructor(options: LimitGateOptions) {
    this.#options = options;
    this.#prices = new Map(options.prices.map((price) => [price.model, price]));
  }

  /** @throws {Refused} `over_limit`, or `store_away` where no request may pass unchecked */
  async enter(visitor: Visitor): Promise<Booking> {
    const { store, keepsLedger, limitsByKey, anonymousLimits } = this.#options;
    const { requestId, client } = visitor;
    const limits = client === undefined ? anonymousLimits : limitsByKey.get(client) ?? {};
    if (store === undefined || !keepsLedger && !isLimited(limits)) return NOT_COUNTED;
    const admission = await store.reserve({
      requestId,
      key: client ?? ANONYMOUS,
      profile: visitor.profile,
      limits,
      ...(boundsUse(limits)
        ? visitor.worstCase((model) => this.#prices.get(model))
        : { tokens: 0, costUsd: 0 }),
    });
    switch (admission.type) {
      case "admitted": {
        const { reservation, state } = admission;
        return this.#booking(state, (bill) => store.settle(reservation, bill));
      }
      case "refused": {
        const { limit, message, retryAfterMs, tooLarge, state } = admission;
        throw new Refused({ type: "over_limit", limit, message, retryAfterMs, tooLarge, state });
      }
      case "unavailable": {
        const { message, retryAfterMs = 1_000 } = admission.failure;
        throw new Refused({ type: "store_away", message, retryAfterMs });
      }
      default:
        return admission satisfies never;
    }
  }

  /** Resolves when every request that was let in so far is over and its bill kept. */
  async settled(): Promise<void> {
    await Promise.all(this.#open);
  }

  #booking(state: LimitState, settle: (bill: Bill) => Promise<void>): Booking {
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    this.#open.add(settled);
    const end = (bill: Bill) =>
      void settle(bill).then(() => {
        this.#open.delete(settled);
        resolve();
      });
    return {
      state,
      settled,
      run: (start) => {
        try {
          const run = start();
          run.outcome.then((outcome) => end(billOf(outcome)), () => end(BROKEN));
          return run;
        } catch (error) {
          end(BROKEN);
          throw error;
        }
      },
    };
  }
}

/** A fault of ours: what was used until then is not known. */
const BROKEN: Bill = { outcome: "internal_error", usageByModel: [] };

function billOf(outcome: Outcome): Bill {
  const { route, usageByModel } = outcome;
  const what = outcome.type === "answered" ? outcome.outcome : outcome.reason;
  return { route, outcome: what, usageByModel };
}

function boundsUse({ tokensPerMinute, usdPerDay, usdPerMonth }: Limits): boolean {
  return tokensPerMinute !== undefined || usdPerDay !== undefined || usdPerMonth !== undefined;
}

function isLimited(limits: Limits): boolean {
  return limits.requestsPerMinute !== undefined || boundsUse(limits);
}
