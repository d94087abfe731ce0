import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import type { Database } from "./database.ts";
import { headerNumber } from "./migrate.ts";

/** How often the file is asked whether another connection has written, when nothing else hints at it. */
const POLL_MS = 250;
/** The same while the folder is watched: only for a hint that was lost. */
const POLL_WATCHED_MS = 1000;
/** After the folder stirred: a commit is visible a little after its bytes were written. */
const SOON_MS: readonly number[] = [2, 20];

/** Looks whether other connections, of this or another process, have written. */
export interface Watcher {
  readonly start: () => void;
  readonly stop: () => void;
}

/** Calls `changed` soon after another connection than `database` has committed. */
export function makeWatcher(database: Database, changed: () => void): Watcher {
  let seen = 0;
  let poll: NodeJS.Timeout | null = null;
  let soon: NodeJS.Timeout | null = null;
  let folder: FSWatcher | null = null;

  function look(): boolean {
    const version = versionOf(database);
    if (version === null || version === seen) return false;
    seen = version;
    changed();
    return true;
  }

  /** The first event of a burst decides when to look; those that follow are in it. */
  function stirred(turn: number): void {
    if (soon !== null || poll === null) return;
    soon = setTimeout(() => {
      soon = null;
      if (!look() && turn + 1 < SOON_MS.length) stirred(turn + 1);
    }, SOON_MS[turn]).unref();
  }

  function pollEvery(ms: number): void {
    if (poll !== null) clearInterval(poll);
    poll = setInterval(look, ms);
  }

  return {
    start: () => {
      seen = versionOf(database) ?? 0;
      folder = watchFolder(
        database.path,
        () => stirred(0),
        () => pollEvery(POLL_MS),
      );
      pollEvery(folder === null ? POLL_MS : POLL_WATCHED_MS);
    },
    stop: () => {
      if (poll !== null) clearInterval(poll);
      if (soon !== null) clearTimeout(soon);
      folder?.close();
      poll = soon = folder = null;
    },
  };
}

/** The pragma changes when any other connection has committed. */
function versionOf(database: Database): number | null {
  try {
    return headerNumber(database, "data_version");
  } catch {
    return null; // Locked for a moment: the next look tells.
  }
}

/** Only makes hints faster; where it does not work the poll remains. */
function watchFolder(path: string, stirred: () => void, failed: () => void): FSWatcher | null {
  const name = basename(path);
  try {
    const { watch } = process.getBuiltinModule("node:fs");
    const watcher = watch(dirname(path), { persistent: false }, (_event, file) => {
      if (file === null || file.startsWith(name)) stirred();
    });
    watcher.on("error", () => {
      watcher.close();
      failed();
    });
    return watcher;
  } catch {
    return null;
  }
}
