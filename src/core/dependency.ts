import type { Parsed } from "./parsed.ts";
import { isFinal, type Landing, type Task, type TaskState } from "./task.ts";
import { printableLine } from "./terminal.ts";
import type { Verdict } from "./verdict.ts";

/** What a task can wait for another to come to; `finished` is whatever came out. */
export const CONDITIONS = ["succeeded", "verified", "landed", "failed", "finished"] as const;
export type Condition = (typeof CONDITIONS)[number];

/** That a task waits for another to come to something. */
export interface Dependency {
  readonly taskId: number;
  readonly condition: Condition;
}

/** What a condition is judged by. */
export type DependencyFacts = Pick<Task, "state" | "verdict" | "landing" | "project" | "trashedAt">;

/**
 * How a dependency stands while it has not been met: it may be `met` now, is `open`, or is `broken`:
 * only a person can change that it will not be met. `unneeded` is broken by good news: what was to
 * follow a failure has nothing to follow. A thought never lands.
 */
export type Standing = "met" | "open" | "broken" | "unneeded";

/** A dependency with how it stands and what the other task came to. */
export interface DependencyState extends Dependency {
  readonly standing: "met" | "open" | "broken";
  /** Null when the other task was purged, which happens only to one that is not waited for. */
  readonly state: TaskState | null;
  readonly trashed: boolean;
  readonly verdict: Verdict | null;
  readonly decision: Landing["decision"] | null;
}

/** How a dependency on a task with these facts stands. */
export function standingOf(condition: Condition, facts: DependencyFacts): Standing {
  const { state, verdict } = facts;
  if (neverLands(condition, facts.project)) return "broken";
  if (!isFinal(state)) return "open";
  switch (condition) {
    case "finished":
      return "met";
    case "failed":
      if (state === "succeeded") return "unneeded";
      return state === "failed" ? "met" : "broken";
    case "succeeded":
      return state === "succeeded" ? "met" : "broken";
    case "verified":
      return state === "succeeded" && verdict === "verified" ? "met" : "broken";
    case "landed":
      return state === "succeeded" ? standingOfLanding(facts) : "broken";
  }
}

/** True for a landing that is waited for of a task without a project: there is nothing to land it on. */
export function neverLands(condition: Condition, project: string | null): boolean {
  return condition === "landed" && project === null;
}

/** What was declined or thrown away is not meant to land. */
function standingOfLanding({ landing, trashedAt }: DependencyFacts): Standing {
  if (landing?.decision === "landed") return "met";
  return landing === null && trashedAt === null ? "open" : "broken";
}

/** Each task once, in the order given; the first condition given counts. */
export function distinctDependencies(dependencies: readonly Dependency[]): readonly Dependency[] {
  const byTask = new Map<number, Dependency>();
  for (const each of dependencies) if (!byTask.has(each.taskId)) byTask.set(each.taskId, each);
  return [...byTask.values()];
}

/** A dependency as a person writes it: `12`, `12:verified`. */
export function formatDependency({ taskId, condition }: Dependency): string {
  return condition === "succeeded" ? `${taskId}` : `${taskId}:${condition}`;
}

/** Longest part of a wrong word that is repeated. */
const SHOWN_MAX = 60;

/** Reads dependencies as a person writes them: `12`, `#12`, `12:verified`, `12,13:finished`. */
export function parseDependencies(words: readonly string[]): Parsed<readonly Dependency[]> {
  const found: Dependency[] = [];
  for (const word of words.flatMap((each) => each.split(","))) {
    const [id = "", ...more] = word.trim().split(":");
    const digits = /^#?(\d{1,15})$/u.exec(id)?.[1];
    const shown = printableLine(word, SHOWN_MAX);
    if (digits === undefined || Number(digits) < 1) {
      const message = `"${shown}" names no task to wait for; write 12 or 12:verified, \`sle ls\` lists the tasks.`;
      return { ok: false, message };
    }
    const wanted = more.length === 0 ? "succeeded" : more.join(":");
    const condition = CONDITIONS.find((each) => each === wanted);
    if (condition === undefined) {
      const message = `"${shown}" waits for nothing known; write ${digits}: with one of ${CONDITIONS.join(", ")}.`;
      return { ok: false, message };
    }
    found.push({ taskId: Number(digits), condition });
  }
  return { ok: true, value: found };
}
