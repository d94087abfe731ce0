import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMachine, parseMemAvailable } from "../../../src/adapters/machine/machine.ts";
import { processTable } from "../../../src/adapters/process/process-table.ts";

describe("the machine", () => {
  it("knows itself and what is free", async () => {
    const machine = createMachine(tmpdir());
    expect(machine.host).toBe(hostname());
    expect(machine.self.pid).toBe(process.pid);
    expect(await machine.isAlive(machine.self)).toBe(true);
    const [memory, disk] = [await machine.memoryFreeBytes(), await machine.diskFreeBytes()];
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThan(totalmem());
    expect(disk).toBeGreaterThan(0);
  });

  it("does not take another process for a dead one", async () => {
    const machine = createMachine(tmpdir());
    const { self } = machine;
    expect(await machine.isAlive({ ...self, startTicks: self.startTicks - 1 })).toBe(false);
    expect(await machine.isAlive({ ...self, bootId: "earlier" })).toBe(false);
    const child = spawn("sleep", ["1000"]);
    const identity = processTable().identify(child.pid ?? 0);
    if (identity === null) throw new Error("a living child must be found");
    expect(await machine.isAlive(identity)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await machine.isAlive(identity)).toBe(false);
  });

  it("tells the load, and what a tree of processes takes while it lives", async () => {
    const machine = createMachine(tmpdir());
    expect(await machine.loadPerProcessor()).toBeGreaterThanOrEqual(0);
    const program =
      "const held = Buffer.alloc(50 * 1048576, 1); console.log(held.length); setTimeout(() => {}, 1e6);";
    const child = spawn("/bin/sh", ["-c", '"$0" -e "$1" & wait', process.execPath, program], {
      detached: true,
    });
    await once(child.stdout, "data");
    const identity = processTable().identify(child.pid ?? 0);
    if (identity === null) throw new Error("a living child must be found");
    const bytes = (await machine.treeMemoryBytes(identity)) ?? 0;
    expect(bytes).toBeGreaterThan(50 * 1_048_576);
    expect(bytes).toBeLessThan(2_000 * 1_048_576);
    const other = { ...identity, startTicks: identity.startTicks - 1 };
    expect(await machine.treeMemoryBytes(other)).toBeNull();
    process.kill(-identity.pid, "SIGKILL");
  });

  it("says unknown, not zero, of a disk it cannot ask", async () => {
    const machine = createMachine(join(tmpdir(), "no-such-folder"));
    expect(await machine.diskFreeBytes()).toBeNull();
  });
});

describe("parseMemAvailable", () => {
  it.each([
    { meminfo: "MemTotal: 99 kB\nMemFree: 1 kB\nMemAvailable:   24105 kB\n", bytes: 24_683_520 },
    { meminfo: "MemTotal: 99 kB\nMemFree: 1 kB\n", bytes: null },
  ])("reads $bytes", ({ bytes, meminfo }) => {
    expect(parseMemAvailable(meminfo)).toBe(bytes);
  });
});
