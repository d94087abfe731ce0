import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 5;

/**
 * Runs `action` while no other process that asks for the same lock file is in its own. The lock is the
 * system's: it is free at the very moment its holder is dead. Throws when it is not free in time.
 */
export async function exclusively<T>(
  path: string,
  waitMaxMs: number,
  action: () => Promise<T>,
): Promise<T> {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    const over = AbortSignal.timeout(waitMaxMs);
    while (!isTaken(database)) {
      if (over.aborted) throw new Error(`Another process does not let go of ${path}`);
      await sleep(LOOK_EVERY_MS);
    }
    return await action();
  } finally {
    database.close();
  }
}

function isTaken(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN IMMEDIATE");
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === BUSY;
}

/** SQLite's number for a lock that somebody else has. */
const BUSY = 5;
