/**
 * Redis usage: the sums that `tutti usage` prints, from the ledger in Redis. It reads day after day in
 * small pieces, so that Redis never stops for it.
 * @module
 */
import type { Ledger } from "./backend.ts";
import type { LedgerEntry, PackedSpending, Spent } from "./ledger_entry.ts";
import { nothingSpent, plus, unpacked } from "./ledger_entry.ts";
import { usdOf } from "./money.ts";
import { type Client, connect } from "./redis_connection.ts";
import { inOrder, type UsageGroup, type UsageQuery, type UsageRow } from "./usage_query.ts";

/** The JSON of `ledger:DAY` and `open:PROCESS`; only settled ones have spending. */
interface Kept {
  readonly key: string;
  readonly profile: string;
  readonly spending?: readonly PackedSpending[];
}

interface Sums {
  requests: number;
  lost: number;
  open: number;
  spent: Spent;
}

/** Connects when it is asked. */
export function redisLedger(url: string): Ledger {
  let client: Client | undefined;
  return {
    usage: async (query) => {
      client ??= await connect(url);
      return await redisUsage(client, query);
    },
    // deno-lint-ignore require-await
    close: async () => client?.destroy(),
  };
}

export async function redisUsage(client: Client, query: UsageQuery): Promise<UsageRow[]> {
  const { by, since = "" } = query;
  const groups = new Map<string, Sums>();
  const sumsOf = (group: string): Sums => {
    const sums = groups.get(group) ?? { requests: 0, lost: 0, open: 0, spent: nothingSpent };
    groups.set(group, sums);
    return sums;
  };

  for (const day of await client.sMembers("tutti:days")) {
    if (day < since) continue;
    const seen = new Set<string>(); // A scan may give an entry twice.
    for await (const entries of client.hScanIterator(`tutti:ledger:${day}`, { COUNT: 500 })) {
      for (const { field, value } of entries) {
        if (seen.has(field)) continue;
        seen.add(field);
        addEntry(sumsOf, {
          by,
          day,
          isLost: value.startsWith("L"),
          kept: JSON.parse(value.slice(1)),
        });
      }
    }
  }
  if (by !== "model") {
    for (const process of await client.hKeys("tutti:beats")) {
      for (const value of await client.hVals(`tutti:open:${process}`)) {
        const kept: Kept & { day: string } = JSON.parse(value);
        if (kept.day >= since) sumsOf(groupOf(kept, { by, day: kept.day })).open += 1;
      }
    }
  }

  const rows = [...groups].map(([group, { spent, ...counts }]): UsageRow => {
    const { nanoUsd, ...tokens } = spent;
    return { group, ...counts, ...tokens, costUsd: usdOf(nanoUsd) };
  });
  return inOrder(rows, by);
}

function addEntry(
  sumsOf: (group: string) => Sums,
  entry: { readonly by: UsageGroup; readonly day: string; readonly isLost: boolean; kept: Kept },
): void {
  const { by, day, isLost, kept } = entry;
  const spending: LedgerEntry["spending"] = (kept.spending ?? []).map(unpacked);
  if (by === "model") {
    for (const model of new Set(spending.map((s) => s.model))) sumsOf(model).requests += 1;
    for (const s of spending) {
      const sums = sumsOf(s.model);
      sums.spent = plus(sums.spent, s);
    }
    return;
  }
  const sums = sumsOf(groupOf(kept, { by, day }));
  sums.requests += 1;
  if (isLost) sums.lost += 1;
  sums.spent = spending.reduce(plus, sums.spent);
}

function groupOf(
  kept: Kept,
  { by, day }: { readonly by: Exclude<UsageGroup, "model">; readonly day: string },
): string {
  switch (by) {
    case "key":
      return kept.key;
    case "profile":
      return kept.profile;
    case "day":
      return day;
    default:
      return by satisfies never;
  }
}
