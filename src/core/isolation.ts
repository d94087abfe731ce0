/** How far a task is kept apart from the machine it runs on. */
export const ISOLATION_LEVELS = ["none", "process", "sandbox", "container"] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

/** True where a task sees nothing of the machine but what it was given. */
export function isFenced(level: IsolationLevel): boolean {
  return level !== "none" && level !== "process";
}
