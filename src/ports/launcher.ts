import type { ChildProcess } from "node:child_process";
import type { ProcessIdentity } from "../core/attempt.ts";

/** What to start; the environment is complete, nothing is inherited. */
export interface LaunchSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Marks the whole tree, so that leftovers of a dead daemon can be found; `task/attempt/lease`. */
  readonly mark: string;
}

/** A started tree of processes. */
export interface Launched {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity | null;
  /** Asks the tree to end (SIGTERM), then ends it (SIGKILL) after `graceMs`; resolves when all are gone. */
  readonly kill: (graceMs: number) => Promise<void>;
}

/** The only place that makes processes for agents. */
export interface Launcher {
  readonly spawn: (spec: LaunchSpec) => Launched;
  /** Ends whatever is left of a marked tree from an earlier life; true when nothing of it lives. */
  readonly endLeftovers: (mark: string, identity: ProcessIdentity | null) => Promise<boolean>;
  /** How children are kept apart on this machine, for `doctor`. */
  readonly describe: () => { readonly pidNamespace: boolean; readonly detail: string };
}
