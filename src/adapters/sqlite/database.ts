import { DatabaseSync, type StatementSync } from "node:sqlite";

/** An open database file: statements prepared once, transactions without an await in them. */
export interface Database {
  readonly path: string;
  readonly connection: DatabaseSync;
  /** The statement of this text, prepared at its first use. */
  readonly sql: (text: string) => StatementSync;
  /** As `sql`, for a statement that answers each row as an array. */
  readonly arrays: (text: string) => StatementSync;
  /** Runs `body` on one snapshot; it writes nothing. */
  readonly read: <T>(body: () => T) => T;
  /** Runs `body` in one durable transaction that holds the lock to write from its start; a throw undoes it. */
  readonly write: <T>(body: () => T) => T;
  /** How many transactions of this connection changed something. */
  readonly writes: () => number;
  /** Copies the write-ahead log into the file as far as nobody is in the way; a problem shows at the next write. */
  readonly checkpoint: () => void;
  readonly close: () => void;
}

/** After so many commits without a quiet moment the log is copied into the file all the same. */
const COMMITS_PER_CHECKPOINT = 1000;
const CACHE_KIB = 8192;

/**
 * Opens the file, with every commit on the disk before it is told; a lock is an error at once (see
 * retry.ts). More than `pagesMax` pages of 4 KiB are refused like a full disk.
 */
export function openDatabase(path: string, pagesMax: number | null = null): Database {
  const connection = new DatabaseSync(path, { timeout: 0 });
  try {
    if (pagesMax !== null) connection.exec(`PRAGMA max_page_count = ${pagesMax}`);
    connection.exec(
      `PRAGMA journal_mode = WAL;
       PRAGMA synchronous = FULL;
       PRAGMA foreign_keys = ON;
       PRAGMA wal_autocheckpoint = 0;
       PRAGMA cache_size = -${CACHE_KIB}`,
    );
  } catch (error) {
    connection.close();
    throw error;
  }
  return databaseOn(connection, path);
}

function databaseOn(connection: DatabaseSync, path: string): Database {
  const sql = prepareOnce((text) => connection.prepare(text));
  let writes = 0;
  let changes = 0;
  let checkpointedWrites = 0;

  function transaction<T>(begin: string, body: () => T): T {
    sql(begin).run();
    try {
      const result = body();
      sql("COMMIT").run();
      return result;
    } catch (error) {
      // The database ends the transaction itself on some errors, such as a full disk.
      if (connection.isTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  }

  function totalChanges(): number {
    return (sql("SELECT total_changes() AS changes").get() as { changes: number }).changes;
  }

  function checkpoint(): void {
    checkpointedWrites = writes;
    try {
      const row = sql("PRAGMA wal_checkpoint(PASSIVE)").get();
      // Others wrote meanwhile: a short look at what is left, so that the log can begin anew.
      if (row?.["log"] !== row?.["checkpointed"]) sql("PRAGMA wal_checkpoint(RESTART)").get();
    } catch {
      // Locked, or the disk is full or failing.
    }
  }

  return {
    path,
    connection,
    sql,
    arrays: prepareOnce((text) => connection.prepare(text, { returnArrays: true })),
    read: (body) => transaction("BEGIN", body),
    write: (body) => {
      const result = transaction("BEGIN IMMEDIATE", body);
      const changesNow = totalChanges();
      if (changesNow === changes) return result;
      changes = changesNow;
      writes += 1;
      if (writes - checkpointedWrites >= COMMITS_PER_CHECKPOINT) checkpoint();
      return result;
    },
    writes: () => writes,
    checkpoint,
    close: () => connection.close(),
  };
}

function prepareOnce(prepare: (text: string) => StatementSync): (text: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (text) => {
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
}
