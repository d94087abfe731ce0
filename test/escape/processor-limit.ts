import { readdirSync, readFileSync } from "node:fs";

/** Says that no limit of processor time is set for a process whose words hold the marker. */
export function processorProblem(marker: string): string | null {
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .find((name) => {
      const words = textOf(`/proc/${name}/cmdline`);
      // What stands in front of it has the words of the program among its own.
      return words.startsWith("/usr/bin/python3\0") && words.includes(marker);
    });
  if (pid === undefined) return "the act failed: its process was not found";
  const groups = textOf(`/proc/${pid}/cgroup`).trim().split("\n");
  const processors = /^Cpus_allowed_list:\t(.*)$/mu.exec(textOf(`/proc/${pid}/status`))?.[1] ?? "";
  const isPinned = /^\d+$/u.test(processors);
  return isPinned || groups.some(isLimited)
    ? null
    : `processors ${processors}, and no limit is set`;
}

/** A line is `number:controllers:path`; the second version names no controllers. */
function isLimited(line: string): boolean {
  const [, controllers = "", path = ""] = line.split(":");
  if (controllers === "") return /^\d/u.test(textOf(`/sys/fs/cgroup${path}/cpu.max`));
  if (!controllers.split(",").includes("cpu")) return false;
  return Number(textOf(`/sys/fs/cgroup/cpu${path}/cpu.cfs_quota_us`)) > 0;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
