/**
 * SQLite usage: the sums that `tutti usage` prints, from a store file.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { Ledger } from "./backend.ts";
import { usdOf } from "./money.ts";
import { checkVersion } from "./sqlite_schema.ts";
import { inOrder, type UsageQuery, type UsageRow } from "./usage_query.ts";

/** Opens the file when it is asked, to read only: needs Deno's read permission for it. */
export function sqliteLedger(path: string): Ledger {
  return {
    // deno-lint-ignore require-await
    usage: async (query) => {
      const db = new DatabaseSync(path, { readOnly: true, timeout: 1_000 });
      try {
        checkVersion(db);
        return sqliteUsage(db, query);
      } finally {
        db.close();
      }
    },
    close: () => Promise.resolve(),
  };
}

export function sqliteUsage(db: DatabaseSync, { by, since = "" }: UsageQuery): UsageRow[] {
  const rows = db.prepare(by === "model" ? byModel : byRequest(by)).all({ since });
  return inOrder(
    rows.map((row): UsageRow => ({
      group: String(row.name),
      requests: Number(row.requests),
      lost: Number(row.lost),
      open: Number(row.open),
      promptTokens: Number(row.prompt_tokens),
      completionTokens: Number(row.completion_tokens),
      cachedTokens: Number(row.cached_tokens),
      reasoningTokens: Number(row.reasoning_tokens),
      costUsd: usdOf(Number(row.nano_usd)),
    })),
    by,
  );
}

/** TOTAL gives a float: whole up to 2^53, and no error beyond. */
const byModel = `
  SELECT
    spent.value ->> 1 AS name,
    COUNT(DISTINCT ledger.day || ledger.id) AS requests, 0 AS lost, 0 AS open,
    TOTAL(spent.value ->> 2) AS prompt_tokens,
    TOTAL(spent.value ->> 3) AS completion_tokens,
    TOTAL(spent.value ->> 4) AS cached_tokens,
    TOTAL(spent.value ->> 5) AS reasoning_tokens,
    TOTAL(spent.value ->> 6) AS nano_usd
  FROM ledger, json_each(ledger.spending) AS spent
  WHERE ledger.day >= :since GROUP BY name`;

function byRequest(column: "key" | "profile" | "day"): string {
  return `
    WITH request AS (
      SELECT ${column} AS name, 1 AS ended, outcome = 'lost' AS lost,
        prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, nano_usd
      FROM ledger WHERE day >= :since
      UNION ALL
      SELECT ${column}, 0, 0, 0, 0, 0, 0, 0 FROM reservation WHERE day >= :since
    )
    SELECT
      name, SUM(ended) AS requests, SUM(lost) AS lost, SUM(1 - ended) AS open,
      TOTAL(prompt_tokens) AS prompt_tokens, TOTAL(completion_tokens) AS completion_tokens,
      TOTAL(cached_tokens) AS cached_tokens, TOTAL(reasoning_tokens) AS reasoning_tokens,
      TOTAL(nano_usd) AS nano_usd
    FROM request GROUP BY name`;
}
