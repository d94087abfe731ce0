import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Groups, openGroups } from "../../../src/adapters/sandbox/limits/cgroups.ts";
import type { ResourceLimits } from "../../../src/ports/launcher.ts";
import { runShort } from "../../../src/adapters/process/run-short.ts";
import { temporaryFolder } from "../support.ts";
import { confineTo, fencingLauncher, sandbox } from "./support.ts";

const LIMITS: ResourceLimits = {
  memoryBytes: 512 * 1024 ** 2,
  cpus: 1.5,
  processes: 100,
  fileBytes: null,
  diskBytes: null,
  files: null,
};
const NO_LIMITS: ResourceLimits = {
  memoryBytes: null,
  cpus: null,
  processes: null,
  fileBytes: null,
  diskBytes: null,
  files: null,
};
const LONG_MS = 60_000;

/** The one group that was made of this process below a place. */
function groupIn(mount: string, folder: string): string {
  const names = readdirSync(join(mount, folder));
  const name = names.find((each) => each.startsWith(`sle-${process.pid}-`));
  return join(folder, name ?? "");
}

/** What stands in the files of a group, by their place below the mount. */
function written(mount: string, folder: string): Readonly<Record<string, string>> {
  const path = join(mount, folder);
  return Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]),
  );
}

describe("control groups of the second version", () => {
  /** As a service gets it that systemd delegates to: controllers to hand on, and ourselves in it. */
  async function delegated(controllers: string) {
    const folder = await temporaryFolder();
    const base = join(folder.path, "user.slice", "sle.service");
    mkdirSync(base, { recursive: true });
    writeFileSync(join(folder.path, "cgroup.controllers"), "cpu memory pids");
    writeFileSync(join(base, "cgroup.controllers"), controllers);
    const own = "0::/user.slice/sle.service\n";
    return { folder, base, groups: openGroups({ mount: folder.path, own, pid: process.pid }) };
  }

  it("moves us aside and makes groups beside us", async () => {
    const { folder, base, groups } = await delegated("cpu memory pids\n");
    await using _ = folder;
    expect(groups?.can).toEqual(["memory", "processes", "cpus"]);
    expect(readFileSync(join(base, "sle-daemon", "cgroup.procs"), "utf8")).toBe(
      String(process.pid),
    );
    expect(readFileSync(join(base, "cgroup.subtree_control"), "utf8")).toBe("+memory +pids +cpu");
    const group = groups?.make(LIMITS);
    const name = groupIn(folder.path, "user.slice/sle.service");
    expect(written(folder.path, name)).toEqual({
      "memory.max": "536870912",
      "memory.swap.max": "0",
      "memory.oom.group": "1",
      "pids.max": "100",
      "cpu.max": "150000 100000",
    });
    expect(group?.files).toEqual([join(folder.path, name, "cgroup.procs")]);
    writeFileSync(join(folder.path, name, "memory.events"), "low 0\noom 2\noom_kill 3\n");
    expect(group?.endedForMemory()).toBe(3);
  });

  it("are left alone where others share our group, as in a terminal", async () => {
    await using folder = await temporaryFolder();
    writeFileSync(join(folder.path, "cgroup.controllers"), "memory");
    mkdirSync(join(folder.path, "scope"));
    writeFileSync(join(folder.path, "scope", "cgroup.controllers"), "memory");
    writeFileSync(join(folder.path, "scope", "cgroup.procs"), `1\n${process.pid}\n`);
    const places = { mount: folder.path, own: "0::/scope\n", pid: process.pid };
    expect(openGroups(places)).toBeNull();
    expect(readdirSync(join(folder.path, "scope"))).toEqual(["cgroup.controllers", "cgroup.procs"]);
  });

  it("limits what it was given to limit, and nothing that nobody asks for", async () => {
    const { folder, groups } = await delegated("pids\n");
    await using _ = folder;
    expect(groups?.can).toEqual(["processes"]);
    expect(groups?.make(NO_LIMITS).files).toEqual([]);
  });
});

describe("control groups of the first version", () => {
  it("are one in each tree, below the group that we are in", async () => {
    await using folder = await temporaryFolder();
    for (const name of ["memory/a", "pids", "cpu"]) {
      mkdirSync(join(folder.path, name), { recursive: true });
    }
    const own = "7:pids:/\n4:memory:/a\n3:cpu,cpuacct:/\n0::/\n";
    const groups = openGroups({ mount: folder.path, own, pid: process.pid });
    expect(groups?.can).toEqual(["memory", "cpus"]);
    groups?.make(LIMITS);
    expect(written(folder.path, groupIn(folder.path, "memory/a"))).toEqual({
      "memory.limit_in_bytes": "536870912",
      "memory.memsw.limit_in_bytes": "536870912",
    });
    expect(written(folder.path, groupIn(folder.path, "cpu"))).toEqual({
      "cpu.cfs_period_us": "100000",
      "cpu.cfs_quota_us": "150000",
    });
  });

  it("are none where the system shows none", () => {
    expect(openGroups({ mount: "/nowhere", own: "0::/\n7:pids:/\n", pid: 1 })).toBeNull();
    expect(openGroups({ mount: "/nowhere", own: "", pid: 1 })).toBeNull();
  });

  it("lose what a dead daemon left", async () => {
    await using folder = await temporaryFolder();
    mkdirSync(join(folder.path, "memory", "sle-4194304-1"), { recursive: true });
    mkdirSync(join(folder.path, "memory", `sle-${process.pid}-9`));
    openGroups({ mount: folder.path, own: "7:memory:/\n", pid: process.pid });
    expect(readdirSync(join(folder.path, "memory"))).toEqual([`sle-${process.pid}-9`]);
  });
});

const groups: Groups | null = openGroups({
  mount: "/sys/fs/cgroup",
  own: readFileSync("/proc/self/cgroup", "utf8"),
  pid: process.pid,
});

describe.skipIf(!sandbox.ok || groups?.can.includes("memory") !== true)("on this machine", () => {
  it("the memory of all programs together is limited, and the run hears of it", async () => {
    await using folder = await temporaryFolder();
    const over: string[] = [];
    const take = `python3 -c 'import time; x=bytearray(300*1024*1024); time.sleep(2); print(len(x))'`;
    const { stdout } = await runShort(
      await fencingLauncher(),
      {
        command: "/bin/sh",
        args: ["-c", `for i in 1 2 3; do ${take} & done; wait`],
        cwd: folder.path,
        env: {},
        confinement: confineTo({ workspace: folder.path }, { limits: LIMITS }),
        onOverLimit: (what) => over.push(what),
      },
      LONG_MS,
    );
    expect(stdout.trim().split("\n").length).toBeLessThan(2);
    expect(over).toEqual(["memory"]);
  });
});
