import type { ResourceLimits } from "../../../ports/launcher.ts";
import type { Groups } from "./cgroups.ts";

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
