import type { Call } from "./calls.ts";
import { type Database, openDatabase } from "./database.ts";
import { explainError } from "./errors.ts";
import { makeIdleCheckpoint } from "./idle-checkpoint.ts";
import { migrate } from "./migrate.ts";
import { checkPlace } from "./place.ts";
import { untilFree } from "./retry.ts";
import { serve } from "./serve.ts";
import { makeWatcher } from "./watcher.ts";

/** How to open a database file; plain data. */
export interface FileOptions {
  /** Absolute path of the database file; made if it is not there, its folder is not. */
  readonly path: string;
  /** How long a call waits while another program holds the lock; default `BUSY_MAX_MS`. */
  readonly busyMaxMs?: number;
  /** Refuses to grow beyond so many pages of 4 KiB, as a full disk would. */
  readonly pagesMax?: number;
}

/** A database with all that is done to it, in whatever thread it was opened. */
export interface Engine {
  readonly run: (call: Call) => Promise<unknown>;
  readonly loadAll: () => Promise<void>;
  /** Starts and stops to look for writes of others. */
  readonly watch: (on: boolean) => void;
  readonly close: () => void;
}

/** Opens the file, up to date, or throws a `StoreUnavailable`. `written` is called after any write. */
export async function openEngine(
  options: FileOptions,
  hooks: { readonly written: () => void; readonly warn: (message: string) => void },
): Promise<Engine> {
  const database = await openUpToDate(options, hooks.warn);
  const server = serve(database, options.busyMaxMs);
  const checkpoint = makeIdleCheckpoint(database);
  const written = (): void => {
    checkpoint.touch();
    hooks.written();
  };
  const watcher = makeWatcher(database, written);

  async function run(call: Call): Promise<unknown> {
    const before = database.writes();
    const result = await server.run(call);
    if (database.writes() !== before) written();
    return result;
  }

  return {
    run,
    loadAll: server.loadAll,
    watch: (on) => {
      if (on) watcher.start();
      else watcher.stop();
    },
    close: () => {
      watcher.stop();
      checkpoint.stop();
      database.close();
    },
  };
}

async function openUpToDate(
  { path, busyMaxMs, pagesMax }: FileOptions,
  warn: (message: string) => void,
): Promise<Database> {
  checkPlace(path);
  try {
    const database = await untilFree(path, () => openDatabase(path, pagesMax), busyMaxMs);
    try {
      await untilFree(path, () => migrate(database, warn), busyMaxMs);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw explainError(error, path);
  }
}
