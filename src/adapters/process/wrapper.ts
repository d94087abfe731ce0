import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { LaunchSpec } from "../../ports/launcher.ts";
import { findProgram } from "./find-program.ts";

/** Long enough for a heavily loaded machine; a probe that hangs is a no. */
const PROBE_TIMEOUT_MS = 10_000;

/** How a command is really started. */
export interface Wrapped {
  readonly command: string;
  readonly args: readonly string[];
  /** The environment of the wrapper itself, when the command gets its own in another way. */
  readonly env?: Readonly<Record<string, string>>;
  /** Open files that the child gets as its descriptors 3 and on; ours are closed once it has them. */
  readonly files?: readonly number[];
  /**
   * True when something is written to the descriptor after those, as soon as the command is about to
   * begin; without it the wrapper itself failed.
   */
  readonly tellsBegin?: true;
  /** Asked for that at the end of the first process, where it is told in another way. */
  readonly hasBegun?: () => boolean;
  /** Called once, when the tree has been started. */
  readonly onStart?: (tree: StartedTree) => void;
  /** Called when the first process of the tree has ended, or could not be started. */
  readonly onEnd?: () => void;
  /** Ends what of the tree is nobody's descendant of ours; called when the rest of it is gone. */
  readonly end?: () => Promise<void>;
}

/** A tree as whoever wrapped it sees it. */
export interface StartedTree {
  /** Ids of its living processes, as they are outside. */
  readonly members: () => Promise<readonly number[]>;
  /** Ends it at once. */
  readonly end: () => void;
}

/** What stands in front of every command so that its tree does not outlive us. */
export interface Wrapper {
  readonly pidNamespace: boolean;
  readonly detail: string;
  readonly wrap: (spec: LaunchSpec) => Wrapped;
}

/** The whole file system as it is, but a PID namespace whose end is the end of all in it. */
const BWRAP_ARGS = [
  "--dev-bind",
  "/",
  "/",
  "--proc",
  "/proc",
  "--unshare-pid",
  "--die-with-parent",
  "--new-session",
] as const;

const run = promisify(execFile);

/** The strongest wrapper that works on this machine, found by running `true` through its exact words. */
export async function chooseWrapper(options: {
  readonly bwrap?: "auto" | "off";
  readonly setpriv?: "auto" | "off";
}): Promise<Wrapper> {
  const notes: string[] = [];
  if (options.bwrap !== "off") {
    const wrapper = await tried(bubblewrap(), notes);
    if (wrapper !== null) return wrapper;
  }
  if (options.setpriv !== "off") {
    const wrapper = await tried(setpriv(), notes);
    if (wrapper !== null) return { ...wrapper, detail: [wrapper.detail, ...notes].join("; ") };
  }
  return { ...plain(), detail: [plain().detail, ...notes].join("; ") };
}

async function tried(
  candidate: Wrapper | { readonly missing: string },
  notes: string[],
): Promise<Wrapper | null> {
  if ("missing" in candidate) {
    notes.push(`${candidate.missing} is not installed`);
    return null;
  }
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  const { command, args } = candidate.wrap({
    command: "true",
    args: [],
    cwd: "/",
    env: {},
    mark: "probe",
  });
  try {
    await run(command, args, { cwd: "/", env: { PATH: path }, timeout: PROBE_TIMEOUT_MS });
    return candidate;
  } catch (error) {
    const words = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    notes.push(`${command} does not work here: ${words}`);
    return null;
  }
}

function bubblewrap(): Wrapper | { readonly missing: string } {
  const bwrap = findProgram("bwrap", process.env["PATH"]);
  if (bwrap === null) return { missing: "bubblewrap" };
  return {
    pidNamespace: true,
    detail: `own PID namespace through ${bwrap}; the tree ends with the daemon`,
    wrap: (spec) => ({
      command: bwrap,
      args: [...BWRAP_ARGS, "--chdir", spec.cwd, "--", spec.command, ...spec.args],
    }),
  };
}

function setpriv(): Wrapper | { readonly missing: string } {
  const program = findProgram("setpriv", process.env["PATH"]);
  if (program === null) return { missing: "setpriv" };
  return {
    pidNamespace: false,
    detail: `own process group through ${program}; only the agent itself ends with the daemon, the rest at its next start`,
    wrap: (spec) => ({
      command: program,
      args: ["--pdeathsig", "KILL", "--", spec.command, ...spec.args],
    }),
  };
}

/** Nothing in front: the weakest, which always works. */
export function plain(): Wrapper {
  return {
    pidNamespace: false,
    detail: "own process group only; after a crash of the daemon trees end at its next start",
    wrap: ({ command, args }) => ({ command, args }),
  };
}
