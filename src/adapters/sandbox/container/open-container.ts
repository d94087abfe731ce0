import { lstatSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../process/find-program.ts";
import { isAlive } from "../../process/is-alive.ts";
import { createLauncher } from "../../process/launcher.ts";
import { processTable } from "../../process/process-table.ts";
import { runShort } from "../../process/run-short.ts";
import type { Wrapper } from "../../process/wrapper.ts";
import { INSIDE, NOTHING } from "../fence.ts";
import type { Sandbox } from "../open-sandbox.ts";
import { makeMeasure } from "../limits/measure.ts";
import { runFolderPlace } from "../passable.ts";
import { makeRunFolder, type RunFolder } from "../run-folder.ts";
import { TASK_UID } from "../stage.ts";
import { type ContainerParts, makeContainer } from "./container.ts";
import { type Ask, askEngine, type Engine, type EngineName, ENGINES } from "./engine.ts";
import { namePrefixOf, ownNamespace, removeLeftovers } from "./leftovers.ts";
import { seccompProfile } from "./seccomp-profile.ts";

/** What containers are opened with. */
export interface ContainerOptions {
  /** Null: Podman, else Docker, whichever is there. */
  readonly engine: EngineName | null;
  /** Null where the settings name none. */
  readonly image: string | null;
  /** The daemon's own environment, in which the engine is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for the files of this process; another is taken when this one does not serve. */
  readonly temporary: string;
  readonly privateAllowed?: readonly string[];
}

/** Long enough for an engine that unpacks the image first. */
const PROBE_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 30_000;

/**
 * Looks what this machine can do by running a program in the very container that tasks get, and
 * removes the containers of daemons that are gone. Never weaker in silence: what is missing is named.
 */
export async function openContainer(options: ContainerOptions): Promise<Sandbox> {
  const arch = process.arch;
  if (process.platform !== "linux" || (arch !== "x64" && arch !== "arm64")) return NOT_HERE;
  if (options.image === null) return NO_IMAGE;
  const setpriv = findProgram("setpriv", options.env["PATH"]);
  if (setpriv === null) return NO_SETPRIV;
  const engine = await firstEngine(options);
  if ("reason" in engine) return { ok: false, ...engine };
  const table = processTable();
  const namespace = ownNamespace();
  await removeLeftovers(engine, table, namespace);
  const user = userOf();
  const folder = makeRunFolder({
    temporary: runFolderPlace(options.temporary),
    pid: process.pid,
    isAlive,
    filter: Buffer.from(JSON.stringify(seccompProfile(arch))),
    etc: { ...INSIDE, ...user },
  });
  const sandbox = await firstThatWorks({
    engine,
    image: options.image,
    run: folder,
    isRoot: user.uid === TASK_UID,
    measure: makeMeasure(null, false),
    user,
    setpriv,
    engineEnvironment: environmentOf(options.env),
    namePrefix: namePrefixOf(table, process.pid, namespace),
    nodeExecutable: process.execPath,
    privateAllowed: options.privateAllowed ?? [],
    engineSockets: socketsOf(options.env),
  });
  if (sandbox.ok) process.once("exit", () => folder[Symbol.dispose]());
  else folder[Symbol.dispose]();
  return sandbox;
}

/** Never root: the engine's daemon, or a daemon of ours that is root, has a user set apart for tasks. */
function userOf(): ContainerParts["user"] {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? { uid: TASK_UID, gid: TASK_UID } : { uid, gid: process.getgid?.() ?? uid };
}

async function firstEngine(
  options: ContainerOptions,
): Promise<Engine | { readonly reason: string; readonly advice: string }> {
  const names = options.engine === null ? ENGINES : [options.engine];
  const reasons: string[] = [];
  for (const name of names) {
    const program = findProgram(name, options.env["PATH"]);
    if (program === null) continue;
    const engine = await askEngine(program, await askerOf(program, options.env));
    if (!("reason" in engine)) return engine;
    reasons.push(engine.reason);
  }
  const [reason = `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} not installed.`] =
    reasons;
  return { reason, advice: INSTALL };
}

async function askerOf(program: string, env: ContainerOptions["env"]): Promise<Ask> {
  const launcher = await createLauncher({ bwrap: "off", setpriv: "off" });
  return (args) =>
    runShort(
      launcher,
      { command: program, args, cwd: "/", env: environmentOf(env) },
      ASK_TIMEOUT_MS,
    );
}

/** What tells an engine where it keeps its things, or where its daemon is. */
const ENGINE_VARIABLES = [
  ["PATH", "HOME", "USER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"],
  ["DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"],
  ["DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"],
].flat();

function environmentOf(env: ContainerOptions["env"]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ENGINE_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function socketsOf(env: ContainerOptions["env"]): readonly string[] {
  const runtime = env["XDG_RUNTIME_DIR"];
  const named = /^unix:\/\/(\/.+)$/u.exec(env["DOCKER_HOST"] ?? "")?.[1];
  return [
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
    ...(runtime === undefined ? [] : [`${runtime}/podman/podman.sock`, `${runtime}/docker.sock`]),
    ...(named === undefined ? [] : [named]),
  ];
}

async function firstThatWorks(parts: Omit<ContainerParts, "hasGroups">): Promise<Sandbox> {
  let words = "";
  // Inside another container an engine may be allowed to make none.
  for (const hasGroups of parts.engine.name === "podman" ? [true, false] : [true]) {
    const fence = makeContainer({ ...parts, hasGroups });
    const failure = await tried(fence, parts.run, parts.user.uid);
    if (failure === null) return { ok: true, fence, missing: missingOf(parts.engine, hasGroups) };
    words ||= failure;
  }
  return doesNotWork(parts.engine, parts.image, words);
}

function missingOf({ can }: Engine, hasGroups: boolean): readonly string[] {
  const lacks = (limit: (typeof can)[number]): boolean => !hasGroups || !can.includes(limit);
  return [
    ...(lacks("memory") ? ["a limit on the memory of all programs of an agent"] : []),
    ...(lacks("processes") ? ["a limit on the processes of one agent alone"] : []),
    ...(lacks("cpus") ? ["a limit on processor time"] : []),
  ];
}

/** Null when a file written inside is there outside and belongs to whom it must, else what was said. */
async function tried(fence: Wrapper, run: RunFolder, uid: number): Promise<string | null> {
  const launcher = await createLauncher({
    bwrap: "off",
    setpriv: "off",
    fences: { container: fence },
  });
  const folder = run.freshPath();
  mkdirSync(folder);
  const spec = {
    command: "/bin/sh",
    args: ["-c", PROBE],
    cwd: folder,
    env: {},
    confinement: { ...NOTHING, level: "container" as const, writable: [folder] },
  };
  const { code, stderr } = await runShort(launcher, spec, PROBE_TIMEOUT_MS);
  const written = lstatSync(join(folder, "written"), { throwIfNoEntry: false });
  rmSync(folder, { recursive: true, force: true });
  if (code === 0 && written?.uid === uid) return null;
  if (code === 0) return "what is written inside is not there outside, or belongs to somebody else";
  return stderr.trim().split("\n").at(-1) || `it ended with ${code ?? "a signal"}`;
}

const PROBE = `
set -e
[ "$(id -u)" != 0 ] || { echo "the user inside is root" >&2; exit 1; }
socat -V >/dev/null 2>&1 || node -e 0 2>/dev/null || {
  echo "the image has neither socat nor a Node that runs, so that nothing inside finds the way out" >&2
  exit 1
}
setsid true && grep -q . /proc/self/status
: >written
`;

const INSTALL = "Install Podman: `sudo apt install podman uidmap`, or your system's way.";
const NOT_HERE: Sandbox = {
  ok: false,
  reason: "Containers are used on Linux (x64, arm64) only.",
  advice: "Write `isolation: { level: sandbox }` into the configuration.",
};
const NO_IMAGE: Sandbox = {
  ok: false,
  reason: "The level `container` needs an image, and the settings name none.",
  advice:
    "Name one that is on this machine: `isolation: { level: container, image: my-tools:1 }`; it must have a shell and socat or Node.",
};
const NO_SETPRIV: Sandbox = {
  ok: false,
  reason: "setpriv is not installed.",
  advice: "Install util-linux.",
};

function doesNotWork({ name, program }: Engine, image: string, words: string): Sandbox {
  const isAbsent = /no such image|image not known|unable to find image/iu.test(words);
  const reason = isAbsent
    ? `The image ${image} is not on this machine.`
    : `A container of ${image} does not work here: ${words}.`;
  const advice = isAbsent
    ? `Fetch it with \`${program} pull ${image}\`, or build it; it is never fetched while tasks run.`
    : `\`${name} run --rm ${image} true\` may show the cause.`;
  return { ok: false, reason, advice };
}
