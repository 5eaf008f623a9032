/**
 * Open store: from the `[store]` of the configuration to a working store. SQLite and the Redis client
 * are loaded only where they are used.
 *
 * Deno permissions: none without `[store]`; read and write of the file for `sqlite:`; the net
 * address for `redis:` and `rediss:`. `openLedger` writes nothing.
 * @module
 */
import type { Backend, Ledger, StoreClock } from "./backend.ts";
import { guardedStore } from "./guarded_store.ts";
import { memoryBackend } from "./memory_backend.ts";
import type { StoreConfig } from "./store_config.ts";
import type { Store, StoreEvent } from "./store.ts";

export interface OpenStoreOptions {
  readonly clock: StoreClock;
  /** Unique over processes and restarts; short, as it stands in every ledger entry. */
  readonly processId: string;
  readonly onEvent: (event: StoreEvent) => void;
  readonly beatMs?: number;
}

/** Does not reject where the store is away: `on_failure` says what then happens. */
export async function openStore(
  config: StoreConfig | undefined,
  options: OpenStoreOptions,
): Promise<Store> {
  const { clock, processId, onEvent, beatMs = 1_000 } = options;
  let count = 0;
  return await guardedStore(await backendOf(config, options), {
    onFailure: config?.on_failure ?? "open",
    clock,
    newId: () => `${processId}-${(count++).toString(36)}`,
    onEvent,
    every: (beat) => {
      const timer = setInterval(beat, beatMs);
      return () => clearInterval(timer);
    },
  });
}

/** For `tutti usage`. Opens nothing yet: `usage()` rejects where the store cannot be reached. */
export async function openLedger({ url }: Pick<StoreConfig, "url">): Promise<Ledger> {
  const path = sqlitePathOf(url);
  if (path !== undefined) return (await import("./sqlite_usage.ts")).sqliteLedger(path);
  return (await import("./redis_usage.ts")).redisLedger(url);
}

async function backendOf(
  config: StoreConfig | undefined,
  { clock, processId }: OpenStoreOptions,
): Promise<Backend> {
  if (config === undefined) return memoryBackend(clock);
  const ledgerDays = config.ledger_days;
  const path = sqlitePathOf(config.url);
  if (path !== undefined) {
    const { sqliteBackend } = await import("./sqlite_backend.ts");
    return sqliteBackend(path, { clock, processId, ledgerDays });
  }
  const { connect } = await import("./redis_connection.ts");
  const { redisBackend } = await import("./redis_backend.ts");
  return redisBackend(await connect(config.url), { processId, ledgerDays });
}

/** The path in `sqlite:PATH` and `sqlite:///PATH`, absolute or from the working directory. */
export function sqlitePathOf(url: string): string | undefined {
  return /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
}
