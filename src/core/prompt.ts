import type { Task } from "./task.ts";
import { printableLine } from "./terminal.ts";

const PATHS_SHOWN = 20;
const PATH_LENGTH_SHOWN = 200;

/**
 * The words an agent gets: the whole task every time, so that they are complete even when the
 * session to resume was lost before its first byte. `said` is what a person said meanwhile,
 * `unresolved` the files in which two versions may still be marked.
 */
export function promptFor(
  task: Task,
  said: readonly string[],
  unresolved: readonly string[] = [],
): string {
  const parts = [task.text];
  const failure = task.failure?.failure ?? null;
  if (task.failure !== null && failure !== "quota") {
    parts.push(`The previous attempt ended with: ${task.failure.message}`);
  }
  // The failure itself tells more of it.
  if (unresolved.length > 0 && failure !== "conflict") parts.push(conflictWords(unresolved));
  return [...parts, ...task.notes, ...said].join("\n\n");
}

function conflictWords(paths: readonly string[]): string {
  const shown = paths.slice(0, PATHS_SHOWN).map((path) => printableLine(path, PATH_LENGTH_SHOWN));
  const more = paths.length > shown.length ? ` and ${paths.length - shown.length} more` : "";
  return `The folder holds a merge with what others did meanwhile. Where both versions are still marked, resolve them and remove the marks: ${shown.join(", ")}${more}.`;
}
