import { availableParallelism } from "node:os";
import type { ResourceLimits } from "../../../ports/launcher.ts";
import type { Groups } from "./cgroups.ts";

/** The words of programs that set what holds for each program from the start, and become what follows. */
export function limitWords(
  limits: ResourceLimits,
  groups: Groups | null,
  prlimit = "prlimit",
): readonly string[] {
  return [...pinningWords(limits, groups), prlimit, ...outerLimits(limits, groups), "--"];
}

/**
 * The words for prlimit that hold for each program from the start: no core dumps, bounded files and
 * queues, and its memory where no group counts that of all together.
 */
export function outerLimits(
  { fileBytes, memoryBytes }: ResourceLimits,
  groups: Groups | null,
): readonly string[] {
  const isSummed = groups?.can.includes("memory") ?? false;
  return [
    "--core=0",
    "--nofile=4096",
    "--msgqueue=0",
    "--rtprio=0",
    "--nice=0",
    "--memlock=1048576",
    "--sigpending=512",
    ...(memoryBytes === null || isSummed ? [] : [`--data=${memoryBytes}`]),
    ...(fileBytes === null ? [] : [`--fsize=${fileBytes}`]),
  ];
}

/**
 * The words that keep a tree to as many processors as it may have, where no group counts its time:
 * some of them, others for every tree.
 */
export function pinningWords({ cpus }: ResourceLimits, groups: Groups | null): readonly string[] {
  const there = availableParallelism();
  const wanted = Math.ceil(cpus ?? Infinity);
  if (wanted >= there || groups?.can.includes("cpus") === true) return [];
  const first = Math.floor(Math.random() * there);
  const chosen = Array.from({ length: wanted }, (_, index) => (first + index) % there);
  return ["taskset", "-c", chosen.join(",")];
}
