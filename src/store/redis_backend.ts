/**
 * Redis backend: the store that several processes share. Every operation is one script, one round
 * trip. Redis's own clock fills and drains the rates, as it is the only one that all processes
 * share; the day and the month are those of the process that admits.
 *
 * What Redis forgets is forgotten here too: for a ledger that must last, switch on its append-only
 * file. Single servers only, no cluster.
 * @module
 */
import { type Account, held, limitState, refusal } from "./account.ts";
import type { Backend } from "./backend.ts";
import { type LedgerEntry, packed } from "./ledger_entry.ts";
import { budgetNanoUsd } from "./money.ts";
import { ProcessWatch } from "./process_watch.ts";
import {
  beatScript,
  endProcessScript,
  releaseScript,
  reserveScript,
  settleScript,
} from "./redis_scripts.ts";
import { type Client, runScript, type Script, script, within } from "./redis_connection.ts";
import { redisUsage } from "./redis_usage.ts";
import type { Reservation } from "./store.ts";

export interface RedisOptions {
  /** Unique over processes and restarts. */
  readonly processId: string;
  /** Entries are deleted this many days after the last of their day. */
  readonly ledgerDays: number;
  /** An answer that takes longer counts as none. */
  readonly answerMs?: number;
  readonly watch?: ProcessWatch;
  /** Instead of Redis's clock, for tests. */
  readonly now?: () => number;
}

const daySeconds = 86_400;
/** A month's budget outlives the month. */
const purseSeconds = 62 * daySeconds;

const scripts = {
  reserve: script(reserveScript),
  settle: script(settleScript),
  release: script(releaseScript),
  beat: script(beatScript),
  endProcess: script(endProcessScript),
};

/** Over a connection of its own, which it closes with itself. */
export function redisBackend(client: Client, options: RedisOptions): Backend {
  return new RedisBackend(client, options);
}

class RedisBackend implements Backend {
  readonly #client: Client;
  readonly #options: RedisOptions;
  readonly #watch: ProcessWatch;
  readonly #openKey: string;

  constructor(client: Client, options: RedisOptions) {
    this.#client = client;
    this.#options = options;
    this.#watch = options.watch ?? new ProcessWatch();
    this.#openKey = `tutti:open:${options.processId}`;
  }

  async reserve(reservation: Reservation) {
    const { id, key, day, month, heldTokens, heldNanoUsd, limits } = reservation;
    const reply = await this.#run(
      scripts.reserve,
      [`tutti:rate:${key}`, `tutti:purse:${month}:${key}`, this.#openKey, "tutti:beats"],
      [
        this.#now(),
        ...[limits.requestsPerMinute, limits.tokensPerMinute],
        ...[limits.usdPerDay, limits.usdPerMonth].map((usd) => usd && budgetNanoUsd(usd)),
        ...[heldTokens, heldNanoUsd],
        ...[id, openEntry(reservation), this.#options.processId, day, purseSeconds],
      ],
    ) as number[];
    const [fits, now, account] = [reply[0] === 1, reply[1]!, accountOf(reply)];
    const refused = fits ? undefined : refusal(account, reservation, now);
    if (refused !== undefined) return refused;
    if (!fits) throw new Error("Cannot tell why the reservation was refused");
    const state = limitState(held(account, reservation, now), limits, now);
    return { type: "admitted", reservation, state } as const;
  }

  async settle(reservation: Reservation, entry: LedgerEntry): Promise<void> {
    const { id, key, day, month, heldTokens, heldNanoUsd, limits } = reservation;
    const { promptTokens, completionTokens, nanoUsd } = entry.total;
    await this.#run(
      scripts.settle,
      [
        `tutti:rate:${key}`,
        `tutti:purse:${month}:${key}`,
        this.#openKey,
        `tutti:ledger:${day}`,
        "tutti:days",
      ],
      [
        ...[this.#now(), limits.tokensPerMinute],
        ...[heldTokens, heldNanoUsd, promptTokens + completionTokens, nanoUsd],
        ...[id, `S${settledEntry(reservation, entry)}`, day],
        ...[this.#options.ledgerDays * daySeconds, purseSeconds],
      ],
    );
  }

  async release({ id, key, day, month, heldTokens, heldNanoUsd }: Reservation): Promise<void> {
    await this.#run(
      scripts.release,
      [`tutti:rate:${key}`, `tutti:purse:${month}:${key}`, this.#openKey],
      [id, day, heldTokens, heldNanoUsd],
    );
  }

  async beat() {
    const { processId } = this.#options;
    const reply = await this.#run(scripts.beat, ["tutti:beats"], [processId]) as string[];
    const counters = reply.flatMap((id, i) =>
      i % 2 === 0 ? [[id, Number(reply[i + 1])] as const] : []
    );
    let lost = 0;
    for (const id of this.#watch.dead(counters, processId)) lost += await this.#endProcess(id);
    return { lost };
  }

  usage(query: Parameters<Backend["usage"]>[0]) {
    return redisUsage(this.#client, query);
  }

  async close(): Promise<void> {
    try {
      if (this.#client.isReady) await this.#endProcess(this.#options.processId);
    } finally {
      this.#client.destroy();
    }
  }

  async #endProcess(process: string): Promise<number> {
    return await this.#run(
      scripts.endProcess,
      ["tutti:beats", `tutti:open:${process}`, "tutti:days"],
      [process, this.#options.ledgerDays * daySeconds],
    ) as number;
  }

  #run(
    script: Script,
    keys: string[],
    args: readonly (string | number | undefined)[],
  ): Promise<unknown> {
    return within(this.#options.answerMs ?? 500, runScript(this.#client, script, { keys, args }));
  }

  #now(): number | undefined {
    const { now } = this.#options;
    return now === undefined ? undefined : Math.floor(now());
  }
}

function accountOf(reply: readonly number[]): Account {
  const [, at, requestsLevel, tokensLevel, heldTokens, ...purses] = reply as Required<number[]>;
  const [daySpent, dayHeld, monthSpent, monthHeld] = purses;
  return {
    requests: { level: requestsLevel!, at: at! },
    tokens: { level: tokensLevel!, at: at! },
    heldTokens: heldTokens!,
    day: { spent: daySpent!, held: dayHeld! },
    month: { spent: monthSpent!, held: monthHeld! },
  };
}

function openEntry(reservation: Reservation): string {
  const { requestId, key, profile, startedAt, day, month, heldTokens, heldNanoUsd } = reservation;
  return JSON.stringify({
    ...{ request_id: requestId, key, profile, started_at: startedAt },
    ...{ day, month, held_tokens: heldTokens, held_nano_usd: heldNanoUsd },
  });
}

function settledEntry(reservation: Reservation, entry: LedgerEntry): string {
  const { requestId, key, profile, startedAt } = reservation;
  const { route, outcome, endedAt, spending } = entry;
  return JSON.stringify({
    ...{ request_id: requestId, key, profile, started_at: startedAt },
    ...{ route, outcome, ended_at: endedAt, spending: packed(spending) },
  });
}
