import type { Task } from "./task.ts";

/**
 * The words an agent gets: the whole task every time, so that they are complete even when the
 * session to resume was lost before its first byte. `said` is what a person said meanwhile.
 */
export function promptFor(task: Task, said: readonly string[]): string {
  const parts = [task.text];
  if (task.failure !== null && task.failure.failure !== "quota") {
    parts.push(`The previous attempt ended with: ${task.failure.message}`);
  }
  return [...parts, ...task.notes, ...said].join("\n\n");
}
