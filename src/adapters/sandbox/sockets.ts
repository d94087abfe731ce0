import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Larger folders than this are not searched whole. */
const ENTRIES_MAX = 20_000;

/**
 * The sockets in places that may be read, so that something can be put over them: whoever sees a
 * socket can talk to it, whatever way it is mounted. Links are not followed.
 */
export function socketsIn(places: readonly string[]): readonly string[] {
  const found: string[] = [];
  let left = ENTRIES_MAX;
  const folders: string[] = [];
  for (const place of places) {
    const stats = statSync(place, { throwIfNoEntry: false });
    if (stats?.isSocket() === true) found.push(place);
    if (stats?.isDirectory() === true) folders.push(place);
  }
  for (let folder = folders.shift(); folder !== undefined && left > 0; folder = folders.shift()) {
    for (const entry of entriesOf(folder)) {
      left -= 1;
      if (entry.isSocket()) found.push(join(folder, entry.name));
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
    }
  }
  return found;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
