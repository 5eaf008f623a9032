/**
 * SQLite file: one connection to a store file, that is opened when it is first needed, works in
 * transactions, and is opened anew after a failure.
 *
 * Write-ahead log with synchronous = NORMAL: a commit survives the death of the process at once and
 * that of the machine from the next checkpoint on, and the file is never damaged
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). FULL would make every request wait for
 * the disk, to save the last moments of a machine that lost its power.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./sqlite_schema.ts";
import { prepareStatements, type Statements } from "./sqlite_statements.ts";

/** Waiting for another writer stops this thread; a transaction of ours is over in a millisecond. */
const busyMs = 100;

export class SqliteFile {
  readonly #path: string;
  #open: { readonly db: DatabaseSync; readonly sql: Statements } | undefined;
  #foundDead: readonly string[] | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get db(): DatabaseSync {
    return this.#opened().db;
  }

  /** All of `work` or, where anything fails, nothing of it. */
  transact<T>(work: (sql: Statements) => T): T {
    const { db, sql } = this.#opened();
    try {
      sql.begin.run();
      const result = work(sql);
      sql.commit.run();
      return result;
    } catch (error) {
      this.#open = undefined;
      db.close();
      throw error;
    }
  }

  /** The processes that were found dead when the file was first opened; told once. */
  takeFoundDead(): readonly string[] {
    const found = this.#foundDead ?? [];
    this.#foundDead = [];
    return found;
  }

  close(): void {
    this.#open?.db.close();
    this.#open = undefined;
  }

  #opened() {
    if (this.#open !== undefined) return this.#open;
    const db = new DatabaseSync(this.#path, { timeout: busyMs });
    try {
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      migrate(db);
      this.#foundDead ??= processesOfTheDead(db);
      this.#open = { db, sql: prepareStatements(db) };
      return this.#open;
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

/**
 * All processes that the file knows, where this connection turns out to be the only one: then they
 * are dead, and need not be watched first. A file can leave the write-ahead log only while nobody
 * else has it open (https://www.sqlite.org/wal.html), and the system ends a dead process's locks.
 */
function processesOfTheDead(db: DatabaseSync): string[] {
  const known = db.prepare("SELECT id FROM process UNION SELECT process FROM reservation").all();
  if (known.length === 0) return [];
  try {
    db.exec("PRAGMA journal_mode = DELETE");
  } catch {
    return [];
  }
  db.exec("PRAGMA journal_mode = WAL");
  return known.map(({ id }) => String(id));
}
