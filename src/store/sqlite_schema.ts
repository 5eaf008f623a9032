/**
 * SQLite schema: the tables of a store file, and how a file is brought to them. Days are "2026-09-22",
 * months "2026-09", both UTC; instants are epoch milliseconds; money is nano-dollars.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";

/** Kept in the file as `user_version`. Version n + 1 is reached by running migration n. */
const migrations = [
  `
  -- The processes that use the file; beat grows while one lives.
  CREATE TABLE process (
    id TEXT PRIMARY KEY,
    beat INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- What each client key has used of its rates (bucket.ts), and what is held.
  CREATE TABLE rate (
    key TEXT PRIMARY KEY,
    requests_level INTEGER NOT NULL,
    requests_at INTEGER NOT NULL,
    tokens_level INTEGER NOT NULL,
    tokens_at INTEGER NOT NULL,
    held_tokens INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- What each client key has spent in a day or a month, and what is held.
  CREATE TABLE purse (
    period TEXT NOT NULL,
    key TEXT NOT NULL,
    spent INTEGER NOT NULL,
    held INTEGER NOT NULL,
    PRIMARY KEY (period, key)
  ) WITHOUT ROWID, STRICT;

  -- Requests in flight. An entry moves from here to the ledger when it ends.
  CREATE TABLE reservation (
    id TEXT PRIMARY KEY,
    process TEXT NOT NULL,
    request_id TEXT NOT NULL,
    key TEXT NOT NULL,
    profile TEXT NOT NULL,
    day TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    held_tokens INTEGER NOT NULL,
    held_nano_usd INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- Requests that ended; outcome is 'lost' where the process died before they did.
  CREATE TABLE ledger (
    day TEXT NOT NULL,
    id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    key TEXT NOT NULL,
    profile TEXT NOT NULL,
    route TEXT,
    outcome TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    nano_usd INTEGER NOT NULL,
    -- The same by stage and model, as JSON: [[stage, model, the five figures], …]. One row of a
    -- request costs half the time of one row of each pair.
    spending TEXT NOT NULL,
    PRIMARY KEY (day, id)
  ) STRICT;
  `,
];

/** Brings the file to the newest version; two processes that start at once do not collide. */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === migrations.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (let version = versionOf(db); version < migrations.length; version++) {
      db.exec(`${migrations[version]}; PRAGMA user_version = ${version + 1}`);
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
  checkVersion(db);
}

/** Throws where the file was written by a newer Tutti. */
export function checkVersion(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version !== migrations.length) {
    const message =
      `Cannot use the store file: its version is ${version}, this Tutti's is ${migrations.length}`;
    throw Object.assign(new Error(message), { code: "ERR_STORE_VERSION" });
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}
