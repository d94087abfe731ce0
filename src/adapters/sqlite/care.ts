import { lstat, open, rename, rm } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import type { StoreCare } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { explainError, taken } from "./errors.ts";

/** Most problems that a check lists. */
const PROBLEMS_MAX = 100;
/** All of them: a copy in several steps begins anew whenever somebody writes between two. */
const PAGES_PER_STEP = 0x7fff_ffff;

/** Care of the file: a backup beside running work, a check of every row, giving back free space. */
export function careCalls(database: Database): Calls<StoreCare> {
  return {
    backup: (path) => backUp(database, path),
    check: () => database.read(() => check(database)),
    vacuum: () => {
      database.connection.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    },
  };
}

/** The copy appears under its name whole and on the disk, or not at all; nothing is replaced by it. */
async function backUp(database: Database, path: string): Promise<void> {
  if (await isThere(path)) throw taken(path);
  const partial = `${path}.partial`;
  // A connection of its own: copied outside of this thread, in one snapshot.
  const source = new DatabaseSync(database.path, { readOnly: true, timeout: 1000 });
  try {
    await rm(partial, { force: true });
    // The words of people stand in it.
    await (await open(partial, "wx", 0o600)).close();
    await backup(source, partial, { rate: PAGES_PER_STEP });
    const file = await open(partial, "r+");
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    throw explainError(error, path);
  } finally {
    source.close();
    await rm(partial, { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

function check(database: Database): readonly string[] {
  const integrity = database.sql(`PRAGMA integrity_check(${PROBLEMS_MAX})`).all();
  const problems = integrity
    .map((row) => String(row["integrity_check"]))
    .filter((problem) => problem !== "ok");
  const orphans = database.sql("PRAGMA foreign_key_check").all();
  for (const { table, rowid, parent } of orphans.slice(0, PROBLEMS_MAX)) {
    problems.push(
      `row ${String(rowid)} of ${String(table)} refers to nothing in ${String(parent)}`,
    );
  }
  return problems;
}
