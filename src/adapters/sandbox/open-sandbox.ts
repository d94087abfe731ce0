import { readFileSync } from "node:fs";
import { findProgram } from "../process/find-program.ts";
import { isAlive } from "../process/is-alive.ts";
import { createLauncher } from "../process/launcher.ts";
import { runShort } from "../process/run-short.ts";
import type { Wrapper } from "../process/wrapper.ts";
import type { View } from "./bwrap-args.ts";
import { GROUP_LIMITS, type Groups, openOwnGroups } from "./limits/cgroups.ts";
import { type FenceParts, INSIDE, makeFence, NOTHING } from "./fence.ts";
import { makeMeasure } from "./limits/measure.ts";
import { runFolderPlace } from "./passable.ts";
import { makeRunFolder, type RunFolder } from "./run-folder.ts";
import { openSeatbelt } from "./seatbelt/open-seatbelt.ts";
import { seccompProgram } from "./seccomp.ts";

/** The fence of this machine, or in one sentence each why there is none and what mends that. */
export type Sandbox =
  | { readonly ok: true; readonly fence: Wrapper; readonly missing: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly advice: string };

/** What a sandbox is opened with. */
export interface SandboxOptions {
  /** The value of PATH in which bubblewrap is looked for. */
  readonly searchPath: string;
  /** Folder for the files of this process; another is taken when this one does not serve. */
  readonly temporary: string;
  readonly privateAllowed?: readonly string[];
  /** Found by itself when absent. */
  readonly groups?: Groups | null;
}

/** The first version that can forbid user namespaces inside. */
const BWRAP_VERSION_MIN = [0, 8] as const;
/** Long enough for a heavily loaded machine; a probe that hangs is a no. */
const PROBE_TIMEOUT_MS = 10_000;

/**
 * Looks what this machine can do by running `true` in the very fence that tasks get, first with
 * everything, then without what may be missing. Never weaker in silence: what is missing is named.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (process.platform === "darwin") return openSeatbelt(options);
  if (process.platform !== "linux") return NOT_LINUX;
  const arch = process.arch;
  if (arch !== "x64" && arch !== "arm64") return noFilter(arch);
  const bwrap = findProgram("bwrap", options.searchPath);
  if (bwrap === null) return NO_BWRAP;
  const version = await versionOf(bwrap);
  if (!isNewEnough(version)) return tooOld(bwrap, version);
  const folder = makeRunFolder({
    temporary: runFolderPlace(options.temporary),
    pid: process.pid,
    isAlive,
    filter: seccompProgram(arch),
    pinnedFilter: seccompProgram(arch, { isPinned: true }),
    etc: INSIDE,
  });
  const sandbox = await firstThatWorks(options, bwrap, folder);
  if (sandbox.ok) process.once("exit", () => folder[Symbol.dispose]());
  else folder[Symbol.dispose]();
  return sandbox;
}

async function firstThatWorks(
  options: SandboxOptions,
  bwrap: string,
  folder: RunFolder,
): Promise<Sandbox> {
  let words = "";
  const groups = options.groups === undefined ? openOwnGroups() : options.groups;
  for (const can of [{ disableUserNamespaces: true }, { disableUserNamespaces: false }]) {
    const fence = fenceWith(options, bwrap, { run: folder, can, groups });
    const failure = await tried(fence);
    if (failure === null) return { ok: true, fence, missing: missingOf(can, groups) };
    words ||= failure;
  }
  return doesNotWork(words);
}

function missingOf(can: View["can"], groups: Groups | null): readonly string[] {
  const limits = new Set(GROUP_LIMITS.filter((limit) => groups?.can.includes(limit) !== true));
  return [
    ...(can.disableUserNamespaces ? [] : ["forbidding user namespaces inside (--disable-userns)"]),
    // Processes are also limited without a group.
    ...(limits.has("memory") ? ["a limit on the memory of all programs of an agent"] : []),
    ...(limits.has("cpus") ? ["a limit on processor time"] : []),
  ];
}

function fenceWith(
  options: SandboxOptions,
  bwrap: string,
  made: Pick<FenceParts, "can" | "run" | "groups">,
): Wrapper {
  const isRoot = process.getuid?.() === 0;
  return makeFence({
    ...made,
    bwrap,
    isRoot,
    measure: makeMeasure(bwrap, isRoot),
    nodeExecutable: process.execPath,
    privateAllowed: options.privateAllowed ?? [],
  });
}

/** Null when it works, else the last words of what did not. */
async function tried(fence: Wrapper): Promise<string | null> {
  const launcher = await createLauncher({
    bwrap: "off",
    setpriv: "off",
    fences: { sandbox: fence },
  });
  const spec = { command: "/bin/true", args: [], cwd: "/", env: {}, confinement: NOTHING };
  const { code, stderr } = await runShort(launcher, spec, PROBE_TIMEOUT_MS);
  if (code === 0) return null;
  return stderr.trim().split("\n").at(-1) || `it ended with ${code ?? "a signal"}`;
}

async function versionOf(bwrap: string): Promise<readonly [number, number] | null> {
  const launcher = await createLauncher({ bwrap: "off", setpriv: "off" });
  const spec = { command: bwrap, args: ["--version"], cwd: "/", env: {} };
  const { stdout } = await runShort(launcher, spec, PROBE_TIMEOUT_MS);
  const found = /(\d+)\.(\d+)/u.exec(stdout);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

function isNewEnough(version: readonly [number, number] | null): boolean {
  if (version === null) return false;
  const [major, minor] = version;
  return major > BWRAP_VERSION_MIN[0] || minor >= BWRAP_VERSION_MIN[1];
}

const INSTALL = "Install bubblewrap: `sudo apt install bubblewrap`, or your system's way.";
const WITHOUT = "Write `isolation: { level: process }` into the configuration to work without one.";
const NOT_LINUX: Sandbox = {
  ok: false,
  reason: "There is no sandbox for this system yet.",
  advice: WITHOUT,
};
const NO_BWRAP: Sandbox = { ok: false, reason: "bubblewrap is not installed.", advice: INSTALL };

function tooOld(bwrap: string, version: readonly [number, number] | null): Sandbox {
  const said = version === null ? "does not tell its version" : `is version ${version.join(".")}`;
  const reason = `${bwrap} ${said}; ${BWRAP_VERSION_MIN.join(".")} or newer is needed.`;
  return { ok: false, reason, advice: INSTALL };
}

function noFilter(arch: string): Sandbox {
  const reason = `There is no filter of system calls for ${arch}.`;
  return { ok: false, reason, advice: WITHOUT };
}

/** Says what of the kernel's settings stands in the way, where that can be told. */
function doesNotWork(words: string): Sandbox {
  const reason = `bubblewrap does not work here: ${words}.`;
  const culprit = CULPRITS.find(({ path, bad }) => readSetting(path) === bad);
  return { ok: false, reason, advice: culprit?.advice ?? OTHER_ADVICE };
}

const CULPRITS: readonly {
  readonly path: string;
  readonly bad: string;
  readonly advice: string;
}[] = [
  {
    path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    bad: "1",
    advice:
      "AppArmor forbids user namespaces: give bubblewrap a profile, or run `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`.",
  },
  {
    path: "/proc/sys/kernel/unprivileged_userns_clone",
    bad: "0",
    advice:
      "The kernel forbids user namespaces: run `sudo sysctl kernel.unprivileged_userns_clone=1`.",
  },
  {
    path: "/proc/sys/user/max_user_namespaces",
    bad: "0",
    advice:
      "The kernel allows no user namespaces: run `sudo sysctl user.max_user_namespaces=10000`.",
  },
];
const OTHER_ADVICE =
  "Inside a container it must be allowed to make user namespaces and to mount; `bwrap --unshare-user --ro-bind / / true` shows the cause.";

function readSetting(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
