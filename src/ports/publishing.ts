import type { Project } from "../core/project.ts";
import type { PublishRules } from "../core/publish.ts";
import type { Branches } from "./branches.ts";
import type { Forge } from "./forge.ts";

/** Everything that is about to leave with a result. */
export interface Outgoing {
  readonly project: Project;
  readonly base: string;
  readonly commit: string;
  readonly branch: string;
  /** The difference between base and result. */
  readonly diff: string;
  /** Message of the commit. */
  readonly message: string;
  /** Title and text of a pull request; empty for none. */
  readonly words: readonly string[];
}

/** What was found in it, in sentences that hold no secret themselves. */
export interface SecretScan {
  /** What must not leave. */
  readonly blocking: readonly string[];
  /** What a person should look at. */
  readonly warnings: readonly string[];
}

/** How results leave. */
export interface Publishing {
  readonly branches: Branches;
  readonly rulesOf: (project: string) => PublishRules;
  /** The forge of a project's repository; null where none is known. Asks nothing of it. */
  readonly forgeOf: (project: Project) => Promise<Forge | null>;
  /** Where a person can open a pull request by hand; null when that is not known. */
  readonly compareUrl: (project: Project, base: string, branch: string) => string | null;
  readonly scan: (outgoing: Outgoing, signal: AbortSignal) => Promise<SecretScan>;
}
