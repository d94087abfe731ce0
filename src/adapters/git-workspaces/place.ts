import { join } from "node:path";
import type { Launcher } from "../../ports/launcher.ts";
import type { AccessTo } from "./access.ts";
import type { KeyedLock } from "./keyed-lock.ts";
import type { Owner } from "./owner.ts";
import type { Shelf } from "./repository.ts";

/** What starts programs that read the files of a project's agents, or of thoughts; null for none. */
export type Fence = (project: string | null) => Launcher | null;

/** Where workspaces are, and what they are made with. */
export interface Place {
  readonly tasks: string;
  readonly trash: string;
  readonly shelf: Shelf;
  /** The git program. */
  readonly program: string;
  /** One writer at a time for each repository. */
  readonly lock: KeyedLock;
  readonly fence?: Fence;
  readonly access?: AccessTo;
  /** The user that a project's agents are when that is another than this process; null: the same. */
  readonly agentOf?: (project: string) => Owner | null;
  /** Which folders of a project's repository its tasks get; none: all. Absent: all of every project. */
  readonly foldersOf?: (project: string) => readonly string[];
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The folder of a task. */
export function folderOf(place: Place, taskId: number): string {
  return join(place.tasks, String(taskId));
}

/** The commit that a task began from; the ref is set once the folder is whole. */
export function baseRef(taskId: number): string {
  return `refs/sleepless/base/${taskId}`;
}

/** The state that an attempt left; number 0 is what was there when the folder was discarded. */
export function keepRef(taskId: number, attempt: number): string {
  return `refs/sleepless/keep/${taskId}/${attempt}`;
}

/** A list of the folders that a task's folder has; none for all. */
export function coneRef(taskId: number): string {
  return `refs/sleepless/folders/${taskId}`;
}

/** A merge with conflicts that a task's folder was made from; none once they are resolved. */
export function conflictRef(taskId: number): string {
  return `refs/sleepless/conflict/${taskId}`;
}

/** What the kept commit cannot hold: git's own state and ignored files, as one archive. */
export function asideRef(taskId: number, attempt: number): string {
  return `refs/sleepless/aside/${taskId}/${attempt}`;
}

/** A kept state, or for `aside` its archive, whose attempt has another by now. */
export function beforeRef(kind: "keep" | "aside", taskId: number, commit: string): string {
  return `refs/sleepless/before/${kind}/${taskId}/${commit}`;
}

/** The kept state of a folder in the trash, by the name that it has there. */
export function trashRef(name: string): string {
  return `refs/sleepless/trash/${name}`;
}
