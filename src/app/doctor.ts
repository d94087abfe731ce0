import { existsSync } from "node:fs";
import { access, constants, lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { type HomeLayout, homeLayout } from "../adapters/files/home-layout.ts";
import { doomedThings, olderThings } from "../adapters/files/trash.ts";
import { probeGit } from "../adapters/git-workspaces/probe.ts";
import { createMachine } from "../adapters/machine/machine.ts";
import { systemClock } from "../adapters/system/clock.ts";
import type { Settings } from "../config/settings.ts";
import { isFenced } from "../core/isolation.ts";
import { readHealth } from "../engine/health.ts";
import { type Store, StoreUnavailable } from "../ports/store.ts";
import type { Finding } from "../surfaces/cli/context.ts";
import { makeExecutors } from "./compose.ts";
import { withEnvFile } from "./env-file.ts";
import { forgeFindings } from "./forge-findings.ts";
import { existingStore } from "./doors.ts";
import { type Isolation, openIsolation } from "./isolation.ts";
import { registriesFinding } from "./registries.ts";
import { type ReadSettings, readSettings } from "./settings.ts";

const GIB = 1024 ** 3;

/** Looks at this machine, the home, the database, git and the executors; spends nothing. */
export async function examine(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const home = homeLayout(path);
  const read = readSettings(home, env);
  const isolation = read.ok ? await openIsolation(read.settings, env, home) : null;
  return [
    finding("machine", "node", "ok", process.version),
    await gitFinding(path, env, signal),
    ...(isolation === null ? [] : [isolationFinding(isolation)]),
    ...(isolation === null || !isFenced(isolation.level)
      ? []
      : [await registriesFinding(isolation.registries, home.registryCache)]),
    settingsFinding(read, home),
    ...(read.ok ? forgeFindings(read.settings, withEnvFile(env, path)) : []),
    await homeFinding(path),
    ...(await trashFindings(home)),
    ...(read.ok && isolation !== null
      ? await unkeptFindings(home, env, read.settings, signal)
      : []),
    await memoryFinding(path),
    ...(await storeFindings(path)),
    ...(read.ok && isolation !== null
      ? await executorFindings({ path, env, settings: read.settings, isolation }, signal)
      : []),
  ];
}

/** Whether the settings of a home are sound. */
export function settingsFinding(read: ReadSettings, home: HomeLayout): Finding {
  if (!read.ok) {
    const detail = read.problems.join("; ");
    return finding("settings", "settings", "problem", detail, "Correct the file named.");
  }
  const from = existsSync(home.config) ? home.config : "built-in defaults";
  return finding("settings", "settings", "ok", from);
}

/** Asks each executor of the settings whether it could work. */
export async function executorFindings(
  parts: {
    readonly path: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly settings: Settings;
    readonly isolation: Isolation;
  },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const executors = makeExecutors({ ...parts, home: homeLayout(parts.path) }, parts.isolation);
  return Promise.all(
    executors.map(async (executor) => {
      const said = await executor.probe(signal);
      return said.ready
        ? finding("login", executor.name, "ok", said.detail)
        : finding("login", executor.name, "problem", said.detail, said.reason);
    }),
  );
}

async function gitFinding(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Finding> {
  const git = { program: "git", searchPath: env["PATH"] ?? "", home: path };
  const said = await probeGit(git, signal);
  return said.ok
    ? finding("machine", "git", "ok", `git version ${said.version}`)
    : finding("machine", "git", "problem", said.message, "Install git 2.34 or newer.");
}

function isolationFinding(isolation: Isolation): Finding {
  const { launcher, level } = isolation;
  const sandbox = isolation[level === "container" ? "container" : "sandbox"];
  if (!isFenced(level)) {
    const detail = `no sandbox, as the settings say; ${launcher.describe().detail}`;
    const advice =
      "Agents can read and change what you can; `isolation: { level: sandbox }` fences them in.";
    return finding("machine", "isolation", "warning", detail, advice);
  }
  if (!sandbox.ok)
    return finding("machine", "isolation", "problem", sandbox.reason, sandbox.advice);
  if (sandbox.missing.length === 0) {
    return finding("machine", "isolation", "ok", sandbox.fence.detail);
  }
  const detail = `${sandbox.fence.detail}; not to be had here: ${sandbox.missing.join(", ")}`;
  return finding("machine", "isolation", "warning", detail);
}

async function homeFinding(path: string): Promise<Finding> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    const there = await lstat(path).then(
      () => "cannot be looked at",
      () => "does not exist yet",
    );
    return finding("machine", "home", "warning", `${path} ${there}`, "Run `sle init`.");
  }
  if (!found.isDirectory()) {
    const detail = `${path} is in the way: a folder is needed there`;
    return finding("machine", "home", "problem", detail, "Move it aside or choose another home.");
  }
  if (!(await isWritable(path))) {
    const advice = "Give yourself write access or choose another with SLEEPLESS_HOME.";
    return finding("machine", "home", "problem", `${path} cannot be written`, advice);
  }
  const free = await createMachine(path).diskFreeBytes();
  const detail = free === null ? path : `${path}, ${(free / GIB).toFixed(1)} GiB free`;
  return finding("machine", "home", "ok", detail);
}

/** Nothing is said of an empty trash, nor of one that cannot be looked into: the home's finding tells. */
async function trashFindings(home: HomeLayout): Promise<readonly Finding[]> {
  const [first, ...others] = await doomedThings(home).catch(() => []);
  if (first === undefined) return [];
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  const detail = `${first}${rest} cannot be deleted, or not yet`;
  const advice = "The daemon tries every hour and its log says why; remove by hand what stays.";
  return [finding("machine", "trash", "warning", detail, advice)];
}

/** Nothing is said where every folder that is due can be deleted, because all of it is kept. */
async function unkeptFindings(
  home: HomeLayout,
  env: Readonly<Record<string, string | undefined>>,
  { trash }: Settings,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { now } = systemClock();
  const { gitWorkspaces } = await import("../adapters/git-workspaces/git-workspaces.ts");
  const searchPath = env["PATH"] ?? "";
  const workspaces = gitWorkspaces({ ...home, program: "git", searchPath, now });
  const stay: string[] = [];
  for (const { name } of await olderThings(home, now() - trash.keepMs).catch(() => [])) {
    const why = await workspaces.whyItStays(name, signal);
    if (why !== null) stay.push(`${join(home.trash, name)} stays, because ${why}`);
  }
  if (stay.length === 0) return [];
  const [first = "", ...others] = stay;
  const rest = others.length === 0 ? "" : `; ${others.length} more`;
  const advice = "Take from it what you need (`sle restore`), then remove it by hand.";
  return [finding("machine", "trash", "warning", `${first}${rest}`, advice)];
}

async function memoryFinding(path: string): Promise<Finding> {
  const free = await createMachine(path).memoryFreeBytes();
  if (free === null) return finding("machine", "memory", "warning", "cannot be told here");
  return finding("machine", "memory", "ok", `${(free / GIB).toFixed(1)} GiB free`);
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function storeFindings(path: string): Promise<readonly Finding[]> {
  try {
    await using store = await existingStore(path);
    if (store === null) {
      return [finding("database", "database", "warning", "there is none yet", "Run `sle init`.")];
    }
    return [await databaseFinding(store, path), ...(await daemonFindings(store, path))];
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return [finding("database", "database", "problem", error.message)];
  }
}

async function databaseFinding(store: Store, path: string): Promise<Finding> {
  const problems = await store.care.check();
  if (problems.length === 0)
    return finding("database", "database", "ok", homeLayout(path).database);
  const advice = "Restore a copy made with `sle db backup`.";
  return finding("database", "database", "problem", problems.join("; "), advice);
}

async function daemonFindings(store: Store, path: string): Promise<readonly Finding[]> {
  const checks = await readHealth({ store, clock: systemClock(), machine: createMachine(path) });
  return checks.map(({ name, status, detail, advice }) =>
    finding("daemon", name, status, detail, advice),
  );
}

function finding(
  area: Finding["area"],
  name: string,
  status: Finding["status"],
  detail: string,
  advice: string | null = null,
): Finding {
  return { area, name, status, detail, advice };
}
