import type { ShortRun } from "../../process/run-short.ts";
import type { GroupLimit } from "../limits/cgroups.ts";

/** The engines that are known, in the order in which they are looked for. */
export const ENGINES = ["podman", "docker"] as const;
export type EngineName = (typeof ENGINES)[number];

/** Runs the engine's program with these arguments, to its end. */
export type Ask = (args: readonly string[]) => Promise<ShortRun>;

/** A container engine of this machine. */
export interface Engine {
  /** By what it says of itself: `docker` may be another name of Podman. */
  readonly name: EngineName;
  readonly program: string;
  readonly version: string;
  /** It works with the rights of this process only. */
  readonly isRootless: boolean;
  /** What it can limit for a whole container. */
  readonly can: readonly GroupLimit[];
  readonly ask: Ask;
}

/** What an engine says of itself; a sentence on what is wrong when it cannot be used. */
export async function askEngine(
  program: string,
  ask: Ask,
): Promise<Engine | { readonly reason: string }> {
  const { code, stdout, stderr } = await ask(["info", "--format", "{{json .}}"]);
  const info = code === 0 ? objectOf(stdout) : null;
  if (info === null) {
    const words = stderr.trim().split("\n").at(-1) || "it says nothing of itself";
    return { reason: `${program} does not answer: ${words}.` };
  }
  const read = "host" in info ? podman(info) : docker(info);
  return "reason" in read ? read : { program, ask, ...read };
}

type Read = Omit<Engine, "program" | "ask"> | { readonly reason: string };

/** The first Podman that can end a container at once. */
const PODMAN_MAJOR_MIN = 4;

function podman(info: Fields): Read {
  const host = fieldsOf(info["host"]);
  const version = textOf(fieldsOf(info["version"])["Version"]);
  const isRootless = fieldsOf(host["security"])["rootless"] === true;
  if (host["serviceIsRemote"] === true) {
    return { reason: "Podman works on another machine here, which has none of the folders." };
  }
  if (Number.parseInt(version, 10) < PODMAN_MAJOR_MIN) {
    return { reason: `Podman is version ${version}; ${PODMAN_MAJOR_MIN} or newer is needed.` };
  }
  const listed = Array.isArray(host["cgroupControllers"]) ? host["cgroupControllers"] : [];
  const can = (["memory", "processes", "cpus"] as const).filter((limit) =>
    listed.includes(CONTROLLERS[limit]),
  );
  return { name: "podman", version, isRootless, can };
}

const CONTROLLERS = { memory: "memory", processes: "pids", cpus: "cpu" } as const;

function docker(info: Fields): Read {
  const security = Array.isArray(info["SecurityOptions"]) ? info["SecurityOptions"].join(" ") : "";
  if (typeof info["ServerVersion"] !== "string" || info["ServerVersion"] === "") {
    return { reason: "Docker's daemon does not answer." };
  }
  if (/\bname=(?:rootless|userns)\b/u.test(security)) {
    return {
      reason: "Docker maps users here, so that only root inside could write a task's folder.",
    };
  }
  const said = { memory: "MemoryLimit", processes: "PidsLimit", cpus: "CPUCfsQuota" } as const;
  const can = (["memory", "processes", "cpus"] as const).filter(
    (limit) => info[said[limit]] === true || info[said[limit].replace("CPUC", "CpuC")] === true,
  );
  return { name: "docker", version: info["ServerVersion"], isRootless: false, can };
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
