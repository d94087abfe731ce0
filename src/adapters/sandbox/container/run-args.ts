import type { ResourceLimits } from "../../../ports/launcher.ts";
import { FenceFailed } from "../../process/fence-failed.ts";
import type { Mount } from "../bwrap-args.ts";
import { outerLimits } from "../limits/limit-words.ts";
import type { Engine } from "./engine.ts";

/** Marks all containers of ours, whatever daemon they belong to. */
export const LABEL = "sleepless-agent";

/** Everything a container is started with. */
export interface ContainerView {
  readonly name: string;
  readonly image: string;
  /** Never 0. */
  readonly user: { readonly uid: number; readonly gid: number };
  readonly writable: readonly Mount[];
  readonly readable: readonly Mount[];
  /** Seen by everybody on the machine: nothing secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly hostName: string;
  readonly home: string;
  readonly limits: ResourceLimits;
  /** The file of the filter of system calls. */
  readonly filter: string;
  /** False where the engine can make no control groups at all. */
  readonly hasGroups: boolean;
  /** The first program inside and its arguments. */
  readonly command: readonly [string, ...(readonly string[])];
}

/** Sizes of the places in memory; what they hold counts as memory of the container. */
const SHARED_MEMORY_BYTES = 256 * 1024 * 1024;
const MEMORY_PLACE_BYTES = 2 * 1024 * 1024 * 1024;

/** Variables that Docker takes out of a person's configuration, where they may hold a password. */
const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap(
  (name) => [name, name.toLowerCase()],
);

/** The words for the engine: everything said out loud, since its own defaults can be configured. */
export function runArgs(engine: Omit<Engine, "ask">, view: ContainerView): readonly string[] {
  const [first, ...rest] = view.command;
  const env = {
    ...(engine.name === "docker" ? Object.fromEntries(PROXY_VARIABLES.map((n) => [n, ""])) : {}),
    ...view.env,
  };
  return [
    ["run", "--name", view.name, "--label", LABEL, "--pull", "never", "--interactive", "--init"],
    ["--log-driver", "none", "--network", "none", "--ipc", "private", "--cgroupns", "private"],
    engine.name === "podman" ? PODMAN_ONLY : [],
    engine.name === "podman" && engine.isRootless ? ["--userns", "keep-id"] : [],
    ["--user", `${view.user.uid}:${view.user.gid}`, "--hostname", view.hostName],
    ["--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges"],
    ["--security-opt", `seccomp=${view.filter}`, "--security-opt", "label=disable"],
    ["--tmpfs", memoryPlace("/tmp"), "--tmpfs", memoryPlace(view.home)],
    // What the machine is made of is nobody's business inside.
    ["--tmpfs", "/sys:ro,size=4096"],
    ["--shm-size", String(SHARED_MEMORY_BYTES)],
    limitArgs(engine, view),
    view.readable.flatMap((mount) => ["--mount", `${bind(mount)},readonly,${aloneFor(engine)}`]),
    view.writable.flatMap((mount) => ["--mount", bind(mount)]),
    Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ["--workdir", view.cwd, "--entrypoint", first, view.image, ...rest],
  ].flat();
}

/** Docker has these by default, and no words for them. */
const PODMAN_ONLY = [
  ["--pid", "private", "--uts", "private", "--read-only-tmpfs=false", "--image-volume", "ignore"],
  ["--http-proxy=false", "--env-host=false"],
].flat();

/** What is mounted below a place stays away: the engine would not make it read-only. */
function aloneFor({ name, version }: Omit<Engine, "ask">): string {
  const isOld = name === "podman" || Number.parseInt(version, 10) < DOCKER_RENAMED;
  return isOld ? "bind-nonrecursive=true" : "bind-recursive=disabled";
}

/** The version of Docker in which the option got another name. */
const DOCKER_RENAMED = 25;

function memoryPlace(path: string): string {
  return `${path}:rw,exec,nosuid,nodev,size=${MEMORY_PLACE_BYTES},mode=1777`;
}

/** On the container where the engine can, else on each program, as the sandbox does it. */
function limitArgs(
  engine: Omit<Engine, "ask">,
  { limits, hasGroups }: ContainerView,
): readonly string[] {
  const { memoryBytes, cpus, processes } = limits;
  const can = (limit: (typeof engine.can)[number]): boolean =>
    hasGroups && engine.can.includes(limit);
  const ulimits = [
    ...outerLimits(can("memory") ? { ...limits, memoryBytes: null } : limits, null),
    `--nproc=${can("processes") ? PROCESSES_OF_USER_MAX : (processes ?? PROCESSES_OF_USER_MAX)}`,
  ];
  return [
    hasGroups ? [] : ["--cgroups", "disabled"],
    can("memory") && memoryBytes !== null
      ? ["--memory", String(memoryBytes), "--memory-swap", String(memoryBytes)]
      : [],
    can("processes") ? ["--pids-limit", String(processes ?? -1)] : [],
    can("cpus") && cpus !== null ? ["--cpus", String(cpus)] : [],
    ulimits.flatMap((word) => ["--ulimit", ulimit(word)]),
  ].flat();
}

/** Of all containers together, as they have one user; an engine's own default may be out of its reach. */
const PROCESSES_OF_USER_MAX = 32_768;

/** `--core=0` as `core=0:0`: no program may raise it again. */
function ulimit(word: string): string {
  const [name = "", value = ""] = word.replace("--", "").split("=");
  return `${name}=${value}:${value}`;
}

/** The engine reads it as a line of comma-separated fields. */
function bind({ from, at }: Mount): string {
  for (const path of [from, at]) {
    if (/[,"\n\r]/u.test(path)) {
      throw new FenceFailed(
        `${path} cannot be given to a container: its name has a comma, a quote or a line break.`,
      );
    }
  }
  return `type=bind,source=${from},target=${at}`;
}
