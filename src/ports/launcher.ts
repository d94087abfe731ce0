import type { ChildProcess } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProcessIdentity } from "../core/attempt.ts";
import type { IsolationLevel } from "../core/isolation.ts";

/** A host that may be reached: an exact name, or `*.example.org` for every name below it; TLS except on port 80. */
export interface HostRule {
  readonly host: string;
  readonly port: number;
}

/**
 * A name that exists only inside the fence: requests to `http://<host>/` go to `target`, with these
 * headers in place of any of the same names. So a credential works inside without being there.
 */
export interface VirtualHost {
  readonly host: string;
  /** The only paths that may be asked for, each with all below it; absent: every path. */
  readonly paths?: readonly string[];
  /** Base address, http or https; may be on loopback, since it is ours. */
  readonly target: string;
  /** Asked for every request; names in lower case. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
}

/** A name that exists only inside the fence and is only read from (GET and HEAD): this process answers. */
export interface ServedHost {
  readonly host: string;
  /**
   * Called for every request, with the path and query that were asked for; answers, or gives the
   * reason why it refuses. Nothing else of the request is to be trusted.
   */
  readonly serve: (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ) => Promise<string | null>;
}

/** Most that a fenced tree may take; null is no limit. */
export interface ResourceLimits {
  /** Of the whole tree where the system lets us limit that, else of each of its programs. */
  readonly memoryBytes: number | null;
  /** So many processors' worth of time; only where the system lets us limit it. */
  readonly cpus: number | null;
  readonly processes: number | null;
  /** Largest single file. */
  readonly fileBytes: number | null;
  /** Of all that stands in its own folders together. */
  readonly diskBytes: number | null;
  /** Files and folders in its own folders together. */
  readonly files: number | null;
}

/** What a tree took more of than it may, so that it was ended. */
export type OverLimit = "memory" | "disk" | "files";

/** What a tree of processes may use besides the system's own programs; all paths absolute. */
export interface Confinement {
  readonly level: IsolationLevel;
  /** Folders that this tree alone fills, writable; what they hold is limited. */
  readonly own: readonly string[];
  /** Other folders that it may write. */
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  readonly hosts: readonly HostRule[];
  readonly virtualHosts: readonly (VirtualHost | ServedHost)[];
  /** Files of ours that are seen elsewhere than they lie. */
  readonly files?: readonly { readonly from: string; readonly at: string }[];
  /** Variables that lead programs to what is only inside; those of the launch itself go before. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limits: ResourceLimits;
}

/** A request out of the fence that was refused; `host` is printable, `port` is 0 where none was given. */
export interface Denial {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
}

/** What to start; the environment is complete, nothing is inherited. */
export interface LaunchSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Marks the whole tree, so that leftovers of a dead daemon can be found; `task/attempt/lease`. */
  readonly mark: string;
  /** Absent for small programs of ours that work with nothing an agent wrote. */
  readonly confinement?: Confinement;
  readonly onDenied?: (denial: Denial) => void;
  /** Told, before the child's end is, that the tree is ended because it took too much. */
  readonly onOverLimit?: (what: OverLimit) => void;
}

/** A started tree of processes. */
export interface Launched {
  readonly child: ChildProcess;
  /** False when what stands in front of the program failed; settles before the tree is gone. */
  readonly begun: Promise<boolean>;
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
