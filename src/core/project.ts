import type { Check } from "./check.ts";
import type { Instant } from "./task.ts";

/** A named place of work: a git repository or a plain folder on this machine. */
export interface Project {
  /** Unique; lower-case letters, digits, `-`, `_` and `.` (see projectName in project-name.ts). */
  readonly name: string;
  /** Absolute path of the repository or folder. */
  readonly path: string;
  /** How many tasks of the project may run at once. */
  readonly parallelMax: number;
  /** By which the daemon proves results; none: nothing is proven. */
  readonly checks: readonly Check[];
  readonly createdAt: Instant;
}
