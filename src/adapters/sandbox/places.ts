import { lstatSync } from "node:fs";
import type { Confinement, LaunchSpec } from "../../ports/launcher.ts";
import { FenceFailed } from "../process/fence-failed.ts";
import { belongsToSystem, programPlaces } from "./system-places.ts";

/** What of the host a tree gets, as absolute paths; some of `given` may not exist. */
export interface Places {
  readonly writable: readonly string[];
  readonly given: readonly string[];
}

/** Nothing is mounted where the tree could have put a link, nor what such a link names. */
export function placesOf(spec: LaunchSpec, confinement: Confinement): Places {
  const writable = outermost([...new Set([...confinement.own, ...confinement.writable])]);
  for (const path of writable) refuseToGive(path);
  const isOwn = (path: string): boolean => writable.some((folder) => isBelow(path, folder));
  const given = [
    ...confinement.readable.filter((path) => !isOwn(path)),
    ...(isOwn(spec.command) ? [] : programPlaces(spec.command)),
  ];
  return { writable, given };
}

/** True for what lies in a folder, at any depth. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === "/" ? folder : `${folder}/`);
}

/** Those that lie in none of the others. */
function outermost(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !paths.some((folder) => folder !== path && isBelow(path, folder)));
}

/** A link may have been put there in place of the folder that was meant. */
function refuseToGive(path: string): void {
  if (belongsToSystem(path)) {
    throw new FenceFailed(
      `${path} belongs to the system: give tasks a folder of its own to write.`,
    );
  }
  if (lstatSync(path).isSymbolicLink()) {
    throw new FenceFailed(`${path} is a symbolic link: what it leads to is not given to a task.`);
  }
}
