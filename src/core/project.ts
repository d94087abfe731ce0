import type { Budget } from "./budget.ts";
import type { Check } from "./check.ts";
import type { Instant } from "./task.ts";

/** A named place of work: a git repository here or elsewhere, or a plain folder on this machine. */
export interface Project {
  /** Unique; lower-case letters, digits, `-`, `_` and `.` (see projectName in project-name.ts). */
  readonly name: string;
  /** Absolute path of the repository or folder, or the address of a repository elsewhere. */
  readonly location: string;
  /** Branch that work begins from and results are for; null: the one that is checked out there. */
  readonly base: string | null;
  /** How many tasks of the project may run at once. */
  readonly parallelMax: number;
  /** The most that its tasks may cost in one day; null: as the settings say for all projects. */
  readonly budget: Budget | null;
  /** By which the daemon proves results, besides those of `.sleepless.yml`; none: nothing is proven. */
  readonly checks: readonly Check[];
  readonly createdAt: Instant;
}

/** What can be changed of a project; absent fields stay. */
export interface ProjectPatch {
  readonly parallelMax?: number;
  readonly budget?: Budget | null;
}

/** True for a repository that is not on this machine. */
export function isElsewhere({ location }: Pick<Project, "location">): boolean {
  return !location.startsWith("/");
}
