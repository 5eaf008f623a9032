/**
 * Ledger: what the gateway has written down of each request, read from its file when it has ended.
 * @module
 */
import { DatabaseSync } from "node:sqlite";

export interface LedgerRow {
  readonly outcome: string;
  /** In the order of the call book's kinds. */
  readonly tokens: readonly number[];
}

export interface Ledger {
  /** By request id. */
  readonly rows: ReadonlyMap<string, readonly LedgerRow[]>;
  /** Requests that were begun and never ended. */
  readonly open: number;
}

export function readLedger(path: string): Ledger {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = new Map<string, LedgerRow[]>();
    for (const row of db.prepare("SELECT * FROM ledger").all()) {
      const id = String(row.request_id);
      const tokens = [
        row.prompt_tokens,
        row.completion_tokens,
        row.cached_tokens,
        row.reasoning_tokens,
      ];
      rows.set(id, [
        ...rows.get(id) ?? [],
        { outcome: String(row.outcome), tokens: tokens.map(Number) },
      ]);
    }
    const open = db.prepare("SELECT COUNT(*) AS count FROM reservation").get();
    return { rows, open: Number(open?.count) };
  } finally {
    db.close();
  }
}
