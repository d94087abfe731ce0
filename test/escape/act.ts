import type { Confinement, Launcher, LaunchSpec } from "../../src/ports/launcher.ts";
import type { Level } from "./levels.ts";
import type { World } from "./world.ts";

/** What came of an act. */
export interface Verdict {
  readonly outcome: "held" | "broken" | "skipped";
  /** How it was held or broken, or why it was not played. */
  readonly how: string;
}

/** What an act that needs more than one script is given. */
export interface Stage {
  readonly world: World;
  readonly level: Level;
  readonly launcher: Launcher;
  /** Runs a script of Python as the task; what it printed. */
  readonly run: (script: string, changes?: Changes) => Promise<ScriptEnd>;
  /** Runs a command as the task. */
  readonly start: (command: readonly string[], changes?: Changes) => Promise<ScriptEnd>;
  /** How a script is launched at this level. */
  readonly scriptSpec: (script: string, changes?: Changes) => LaunchSpec;
}

/** What of the usual launch is another way. */
export interface Changes {
  readonly confinement?: Partial<Confinement>;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Another folder to work in than the world's own. */
  readonly workspace?: string;
}

/** How a script ended. */
export interface ScriptEnd {
  readonly code: number | null;
  readonly output: string;
}

/** One attempt to get at something that is not the task's. */
export interface Act {
  readonly number: number;
  /** What is tried, in a few words. */
  readonly name: string;
  /** What must hold, in a few words. */
  readonly holds: string;
  /** Python; `got(how)` says that it got through, an OSError that it did not. */
  readonly script?: string;
  /** An act in steps, some of them outside. */
  readonly play?: (stage: Stage) => Promise<Verdict>;
  /** Looks from outside at what the script left; null when all is well. */
  readonly after?: (stage: Stage, end: ScriptEnd) => Promise<string | null> | string | null;
  readonly changes?: Changes;
  /** Never played outside of the sandbox: it would harm the machine or the run itself. */
  readonly sandboxOnly?: true;
  /** Has a way out to the allowed host and to the model; with `strict`, no private address is allowed. */
  readonly network?: "open" | "strict";
  /** When the whole tree is ended by force, before it says anything, that is how it was held. */
  readonly mayBeEnded?: true;
  /** How long it may take at most. */
  readonly seconds?: number;
}

/** The first digit of the numbers of a group, and what the group is about. */
export const GROUPS: Readonly<Record<number, string>> = {
  1: "Reading",
  2: "Writing and planting",
  3: "Other processes",
  4: "Privileges and the kernel",
  5: "Local sockets and shared memory",
  6: "Network",
  7: "Resources",
  8: "What stays behind",
};

/** It was held, in this way. */
export function held(how: string): Verdict {
  return { outcome: "held", how };
}

/** It got through, in this way. */
export function broken(how: string): Verdict {
  return { outcome: "broken", how };
}

/** It was not played, for this reason. */
export function skipped(how: string): Verdict {
  return { outcome: "skipped", how };
}

/** Held when there is nothing to say against it. */
export function unless(problem: string | null, how: string): Verdict {
  return problem === null ? held(how) : broken(problem);
}

/** Marks a template as a script of Python; backslashes are Python's own. */
export const py: typeof String.raw = String.raw;
