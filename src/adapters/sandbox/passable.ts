import { statSync } from "node:fs";
import { dirname } from "node:path";

const PASSABLE_BY_OTHERS = 0o001;
const READABLE_BY_OTHERS = 0o004;

/** True when every user may pass through this folder and all above it. */
export function isPassable(path: string): boolean {
  if ((modeOf(path) & PASSABLE_BY_OTHERS) === 0) return false;
  return path === dirname(path) || isPassable(dirname(path));
}

/** True when every user may read this file, or list this folder, where it lies. */
export function isOpenToAll(path: string): boolean {
  return (modeOf(path) & READABLE_BY_OTHERS) !== 0 && isPassable(dirname(path));
}

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
