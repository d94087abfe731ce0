import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { Readable } from "node:stream";
import type { IsolationLevel } from "../../core/isolation.ts";
import type { Launched, Launcher, LaunchSpec } from "../../ports/launcher.ts";
import {
  isSameProcess,
  type ProcessRow,
  type ProcessTable,
  processTable,
} from "./process-table.ts";
import { FenceFailed } from "./fence-failed.ts";
import { findProgram } from "./find-program.ts";
import { chooseWrapper, type Wrapped, type Wrapper } from "./wrapper.ts";
import {
  descendantsOf,
  killTree,
  MARK_VARIABLE,
  sendSignal,
  treeGone,
  treeMembers,
  type TreeScope,
} from "./tree.ts";

/** How long `endLeftovers` tries before it reports that something still lives. */
const LEFTOVERS_WAIT_MS = 10_000;

/** The program is not on PATH, or the path does not lead to one; relative paths never do. */
export class ProgramMissing extends Error {
  override readonly name = "ProgramMissing";
  constructor(command: string) {
    super(`The program ${command} was not found.`);
  }
}

/** What may be switched off, so that the weaker ways can be tested; `auto` uses what works here. */
export interface LauncherOptions {
  readonly bwrap?: "auto" | "off";
  readonly setpriv?: "auto" | "off";
  readonly table?: ProcessTable;
  /** What trees with a confinement are started through, by its level; `process` is always there. */
  readonly fences?: Fences;
}

/** What stands in front of a confined tree at each level that this machine can keep. */
export type Fences = Partial<Readonly<Record<IsolationLevel, Wrapper>>>;

/**
 * The one launcher of processes. Looks once which way of keeping trees together works here, and uses
 * it for every child. Must be made and used on the main thread: children die with the thread that
 * made them.
 */
export async function createLauncher(options: LauncherOptions = {}): Promise<Launcher> {
  const table = options.table ?? processTable();
  const wrapper = await chooseWrapper(options);
  const fences: Fences = { process: wrapper, ...options.fences };
  const wrapperFor = ({ confinement }: LaunchSpec): Wrapper => {
    if (confinement === undefined) return wrapper;
    const fence = fences[confinement.level];
    if (fence === undefined)
      throw new FenceFailed(`There is no ${confinement.level} on this machine.`);
    return fence;
  };
  return {
    spawn: (spec) => launch(table, wrapperFor(spec), spec),
    endLeftovers: async (mark, identity) => {
      const leader = () =>
        identity !== null && isSameProcess(table, identity) ? identity.pid : null;
      const startTicks = identity?.bootId === table.bootId ? identity.startTicks : null;
      const scope: TreeScope = { table, mark, leader, startTicks };
      return await killTree(scope, AbortSignal.timeout(LEFTOVERS_WAIT_MS));
    },
    describe: () => ({ pidNamespace: wrapper.pidNamespace, detail: wrapper.detail }),
  };
}

function launch(table: ProcessTable, wrapper: Wrapper, spec: LaunchSpec): Launched {
  // Found here, because a wrapper that cannot find it fails in words of its own.
  const program = findProgram(spec.command, spec.env["PATH"]);
  if (program === null) throw new ProgramMissing(spec.command);
  const wrapped = wrapper.wrap({ ...spec, command: program });
  const child = start(wrapped, spec);
  const identity = child.pid === undefined ? null : table.identify(child.pid);
  const leader = (): number | null => child.pid ?? null;
  const scope: TreeScope = {
    table,
    mark: spec.mark,
    leader,
    startTicks: identity?.startTicks ?? null,
  };
  const kill = killer(async (graceOver) => {
    await endTree(scope, wrapper, child, graceOver);
    await wrapped.end?.();
  });
  wrapped.onStart?.({
    members: async () => await descendantsOf(table, child.pid),
    end: () => void kill(0),
  });
  return { child, begun: begunOf(child, wrapped), identity, kill };
}

function start(wrapped: Wrapped, spec: LaunchSpec): ChildProcess {
  const { command, args, env, files = [], tellsBegin, onEnd } = wrapped;
  try {
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: marked(env ?? spec.env, spec.mark),
      // A session of its own, so that a signal to our terminal or group never reaches it.
      detached: true,
      stdio: ["pipe", "pipe", "pipe", ...files, ...(tellsBegin === true ? ["pipe" as const] : [])],
    });
    // Whoever launched it listens too; this keeps a late error from ending the daemon.
    child.on("error", () => onEnd?.());
    child.once("exit", () => onEnd?.());
    return child;
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** Whether anything came through the descriptor that tells of the beginning, before it was closed. */
async function begunOf(child: ChildProcess, wrapped: Wrapped): Promise<boolean> {
  const { files = [], tellsBegin, hasBegun } = wrapped;
  if (hasBegun !== undefined) {
    return await new Promise((resolve) => {
      child.once("exit", () => resolve(hasBegun()));
      child.once("error", () => resolve(false));
    });
  }
  const stream = child.stdio[STANDARD_STREAMS + files.length];
  if (tellsBegin !== true || !(stream instanceof Readable)) return true;
  return await new Promise((resolve) => {
    stream.once("data", () => resolve(true));
    stream.once("close", () => resolve(false));
    stream.once("error", () => resolve(false));
  });
}

const STANDARD_STREAMS = 3;

/** The mark comes first: only the beginning of an environment is looked at for it. */
function marked(env: LaunchSpec["env"], mark: string): LaunchSpec["env"] {
  const own = { [MARK_VARIABLE]: mark };
  return { ...own, ...env, ...own };
}

/** Ends the tree once; a later call with a shorter grace makes it shorter. */
function killer(end: (graceOver: AbortSignal) => Promise<void>): Launched["kill"] {
  const graceOver = new AbortController();
  let ending: Promise<void> | null = null;
  return (graceMs) => {
    if (graceMs <= 0) graceOver.abort();
    else void setTimeout(() => graceOver.abort(), graceMs).unref();
    ending ??= end(graceOver.signal);
    return ending;
  };
}

async function endTree(
  scope: TreeScope,
  wrapper: Wrapper,
  child: ChildProcess,
  graceOver: AbortSignal,
): Promise<void> {
  if (child.pid === undefined) return;
  const asked = !graceOver.aborted && (await askToEnd(scope, wrapper, child.pid));
  if (asked && (await treeGone(scope, graceOver))) return;
  await killTree(scope);
}

/**
 * SIGTERM to the agent's group: inside a namespace that is not the wrapper's, whose end is sudden.
 * False when there is no agent yet to be asked.
 */
async function askToEnd(scope: TreeScope, wrapper: Wrapper, leader: number): Promise<boolean> {
  if (!wrapper.pidNamespace) {
    sendSignal(-leader, "SIGTERM");
    return true;
  }
  const group = firstGroupBelow(await treeMembers(scope), leader);
  if (group === null) return false;
  sendSignal(-group, "SIGTERM");
  return true;
}

/** The first process below the wrapper's own that leads a group: one wrapper may stand in another. */
function firstGroupBelow(members: readonly ProcessRow[], leader: number): number | null {
  const child = members.find((row) => row.parentPid === leader);
  if (child === undefined) return null;
  return child.groupId === child.pid ? child.pid : firstGroupBelow(members, child.pid);
}
