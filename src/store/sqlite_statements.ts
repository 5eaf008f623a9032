/**
 * SQLite statements: every statement that a request or a beat runs, prepared once per connection.
 * Parameters are positional, in the order of
 * the columns where nothing else is said.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: DatabaseSync) {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),

    rate: db.prepare("SELECT * FROM rate WHERE key = ?"),
    keepRate: db.prepare("INSERT OR REPLACE INTO rate VALUES (?, ?, ?, ?, ?, ?)"),
    purse: db.prepare("SELECT spent, held FROM purse WHERE period = ? AND key = ?"),
    keepPurse: db.prepare("INSERT OR REPLACE INTO purse VALUES (?, ?, ?, ?)"),
    /** Day, month, key, spent, no longer held: released() and spent() of account.ts at once. */
    movePurses: db.prepare(`
      INSERT INTO purse VALUES (?1, ?3, ?4, 0), (?2, ?3, ?4, 0)
      ON CONFLICT DO UPDATE
      SET spent = MIN(spent + ?4, ${Number.MAX_SAFE_INTEGER}), held = MAX(0, held - ?5)`),

    openEntry: db.prepare("INSERT INTO reservation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    endEntry: db.prepare("DELETE FROM reservation WHERE id = ?"),
    /** Changes nothing where the entry has ended before; one that was given up as lost comes back. */
    keepEntry: db.prepare(`
      INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET
        route = excluded.route, outcome = excluded.outcome, ended_at = excluded.ended_at,
        prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
        cached_tokens = excluded.cached_tokens, reasoning_tokens = excluded.reasoning_tokens,
        nano_usd = excluded.nano_usd, spending = excluded.spending
      WHERE outcome = 'lost'`),

    beat: db.prepare(
      "INSERT INTO process VALUES (?, 1) ON CONFLICT DO UPDATE SET beat = beat + 1",
    ),
    /** Also processes that hold reservations and never showed themselves. */
    beats: db.prepare(`
      SELECT id, beat FROM process
      UNION ALL
      SELECT DISTINCT process, -1 FROM reservation WHERE process NOT IN (SELECT id FROM process)`),
    endProcess: db.prepare("DELETE FROM process WHERE id = ?"),
    reservationsOf: db.prepare("SELECT * FROM reservation WHERE process = ?"),

    forgetEntries: db.prepare(`
      DELETE FROM ledger
      WHERE (day, id) IN (SELECT day, id FROM ledger WHERE day < ? LIMIT 500)`),
    forgetPurses: db.prepare("DELETE FROM purse WHERE period < ?"),
  };
}
