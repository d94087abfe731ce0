import { statSync } from "node:fs";
import { dirname } from "node:path";

const PASSABLE_BY_OTHERS = 0o001;
const READABLE_BY_OTHERS = 0o004;

/** True when every user may pass through this folder and all above it. */
function isPassable(path: string): boolean {
  if ((modeOf(path) & PASSABLE_BY_OTHERS) === 0) return false;
  return path === dirname(path) || isPassable(dirname(path));
}

/** True when every user may read this file, or list this folder, where it lies. */
export function isOpenToAll(path: string): boolean {
  return (modeOf(path) & READABLE_BY_OTHERS) !== 0 && isPassable(dirname(path));
}

/** Short enough for sockets below it, and one that the user of a root daemon's trees may pass to. */
export function runFolderPlace(wished: string): string {
  const isRoot = process.getuid?.() === 0;
  const serves = (path: string): boolean =>
    path.length <= PLACE_LENGTH_MAX && (!isRoot || isPassable(path));
  return [wished, "/tmp", "/run"].find(serves) ?? wished;
}

/** Paths of sockets have at most 107 characters. */
const PLACE_LENGTH_MAX = 60;

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
