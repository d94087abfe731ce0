import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { ResourceLimits } from "../../../ports/launcher.ts";
import { isAlive } from "../../process/is-alive.ts";

/** What the kernel can limit for a whole tree here. */
export const GROUP_LIMITS = ["memory", "processes", "cpus"] as const;
export type GroupLimit = (typeof GROUP_LIMITS)[number];

/** One tree's group. */
export interface Group {
  /** Whatever writes a 0 into each of these, and all that it starts, is in the group. */
  readonly files: readonly string[];
  /** How many programs the kernel ended because the whole had too much memory. */
  readonly endedForMemory: () => number;
  /** Removes it once nothing lives in it; never throws. */
  readonly remove: () => Promise<void>;
}

/** Control groups, where this process may make them. */
export interface Groups {
  readonly can: readonly GroupLimit[];
  /** Throws what the system says when the group cannot be made. */
  readonly make: (limits: ResourceLimits) => Group;
}

/** Where the kernel shows control groups; others in tests. */
export interface CgroupPlaces {
  readonly mount: string;
  /** The text of /proc/self/cgroup. */
  readonly own: string;
  readonly pid: number;
}

const SUPERVISOR = "sle-daemon";
const PERIOD_US = 100_000;
const REMOVE_TRIES = 20;
const REMOVE_AGAIN_MS = 50;

/** The files of one controller by which a limit is set; `null` values are left as they are. */
interface Controller {
  readonly limit: GroupLimit;
  readonly folder: string;
  readonly settings: (limits: ResourceLimits) => Readonly<Record<string, string | null>>;
}

/** Looks which limits can be set; null when none can. Removes what dead processes left. */
export function openGroups(places: CgroupPlaces): Groups | null {
  const controllers = [...secondVersion(places), ...firstVersion(places)];
  const usable = GROUP_LIMITS.flatMap(
    (limit) => controllers.find((each) => each.limit === limit && isUsable(each, places.pid)) ?? [],
  );
  if (usable.length === 0) return null;
  return {
    can: usable.map(({ limit }) => limit),
    make: (limits) => makeGroup(usable, `sle-${places.pid}-${randomUUID().slice(0, 8)}`, limits),
  };
}

/** The groups of this process itself. */
export function openOwnGroups(): Groups | null {
  const own = textOf("/proc/self/cgroup");
  return openGroups({ mount: "/sys/fs/cgroup", own, pid: process.pid });
}

function makeGroup(
  controllers: readonly Controller[],
  name: string,
  limits: ResourceLimits,
): Group {
  const wanted = controllers.filter((each) => Object.values(each.settings(limits)).some(Boolean));
  const folders = [...new Set(wanted.map(({ folder }) => join(folder, name)))];
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (const { folder, settings } of wanted) {
    for (const [file, value] of Object.entries(settings(limits))) {
      if (value !== null) set(join(folder, name, file), value);
    }
  }
  return {
    files: folders.map((folder) => join(folder, "cgroup.procs")),
    endedForMemory: () => Math.max(0, ...folders.map(oomKills)),
    remove: async () => {
      for (const folder of folders) await removeFolder(folder);
    },
  };
}

/** Swap cannot be limited everywhere; what is missing is no reason to do without the rest. */
function set(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch (error) {
    if (!/swap|memsw|oom\.group/u.test(file)) throw error;
  }
}

function oomKills(folder: string): number {
  for (const file of ["memory.events", "memory.oom_control"]) {
    const found = /^oom_kill (\d+)$/mu.exec(textOf(join(folder, file)));
    if (found !== null) return Number(found[1]);
  }
  return 0;
}

async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries += 1) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    }
    await sleep(REMOVE_AGAIN_MS);
  }
}

/** By trying: what is shown as writable is not always ours. */
function isUsable({ folder }: Controller, pid: number): boolean {
  sweep(folder);
  const probe = join(folder, `sle-${pid}-probe`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

function sweep(folder: string): void {
  for (const name of list(folder)) {
    const pid = Number(/^sle-(\d+)-/u.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    try {
      rmdirSync(join(folder, name));
    } catch {
      // Something still lives in it; whoever ends that leaves an empty group for the next sweep.
    }
  }
}

/**
 * One tree for all. Only where nobody else is in our group: then it was made for us, as systemd does
 * for a service that it delegates to, and we may go aside so that it can hand its limits on.
 */
function secondVersion({ mount, own, pid }: CgroupPlaces): readonly Controller[] {
  const path = /^0::(\/.*)$/mu.exec(own)?.[1];
  if (path === undefined || textOf(join(mount, "cgroup.controllers")) === "") return [];
  const base = join(mount, path.replace(new RegExp(`/${SUPERVISOR}$`, "u"), ""));
  const others = textOf(join(base, "cgroup.procs")).split("\n");
  if (others.some((other) => other !== "" && other !== String(pid))) return [];
  const offered = textOf(join(base, "cgroup.controllers")).trim().split(" ");
  try {
    mkdirSync(join(base, SUPERVISOR), { recursive: true });
    writeFileSync(join(base, SUPERVISOR, "cgroup.procs"), String(pid));
    const wanted = ["memory", "pids", "cpu"].filter((name) => offered.includes(name));
    writeFileSync(join(base, "cgroup.subtree_control"), wanted.map((name) => `+${name}`).join(" "));
  } catch {
    return [];
  }
  const all: readonly (Controller & { readonly name: string })[] = [
    { name: "memory", limit: "memory", folder: base, settings: memoryOfSecond },
    { name: "pids", limit: "processes", folder: base, settings: pids },
    { name: "cpu", limit: "cpus", folder: base, settings: cpuOfSecond },
  ];
  return all.filter(({ name }) => offered.includes(name));
}

/**
 * A tree for each controller, below the group that we are in. Each takes the kernel some 10 ms to join,
 * and processes are counted by their user inside, so they have no group here.
 */
function firstVersion({ mount, own }: CgroupPlaces): readonly Controller[] {
  const folderOf = (name: string): string | null => {
    const line = own.split("\n").find((each) => each.split(":")[1]?.split(",").includes(name));
    const path = line?.split(":").slice(2).join(":");
    return path === undefined ? null : join(mount, name, path);
  };
  const controller = (
    name: string,
    limit: GroupLimit,
    settings: Controller["settings"],
  ): readonly Controller[] => {
    const folder = folderOf(name);
    return folder === null ? [] : [{ limit, folder, settings }];
  };
  return [
    ...controller("memory", "memory", memoryOfFirst),
    ...controller("cpu", "cpus", cpuOfFirst),
  ];
}

function memoryOfSecond({ memoryBytes }: ResourceLimits): Record<string, string | null> {
  if (memoryBytes === null) return {};
  return { "memory.max": String(memoryBytes), "memory.swap.max": "0", "memory.oom.group": "1" };
}

function memoryOfFirst({ memoryBytes }: ResourceLimits): Record<string, string | null> {
  if (memoryBytes === null) return {};
  const bytes = String(memoryBytes);
  return { "memory.limit_in_bytes": bytes, "memory.memsw.limit_in_bytes": bytes };
}

function pids({ processes }: ResourceLimits): Record<string, string | null> {
  return { "pids.max": processes === null ? null : String(processes) };
}

function cpuOfSecond({ cpus }: ResourceLimits): Record<string, string | null> {
  return { "cpu.max": cpus === null ? null : `${Math.round(cpus * PERIOD_US)} ${PERIOD_US}` };
}

function cpuOfFirst({ cpus }: ResourceLimits): Record<string, string | null> {
  if (cpus === null) return {};
  return {
    "cpu.cfs_period_us": String(PERIOD_US),
    "cpu.cfs_quota_us": String(Math.round(cpus * PERIOD_US)),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
