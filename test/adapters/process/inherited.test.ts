import { spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { expect, it } from "vitest";

const MODULE = new URL("../../../src/adapters/process/inherited.ts", import.meta.url).href;

const HIGH = 100;

/** Says what it closed, what a child of it then has, and whether it still works. */
const PROGRAM = `
  import { spawnSync } from "node:child_process";
  import { closeInherited } from ${JSON.stringify(MODULE)};
  const closed = closeInherited();
  const child = spawnSync("/bin/sh", ["-c", "ls /proc/self/fd"], { encoding: "utf8" });
  console.log(JSON.stringify({ closed, child: child.stdout.trim().split("\\n") }));`;

it.runIf(process.platform === "linux")("passes on nothing that it was started with", () => {
  const secret = openSync("/etc/hostname", "r");
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    encoding: "utf8",
    // Node itself sees to the lowest numbers.
    stdio: ["ignore", "pipe", "inherit", ...Array<"ignore">(HIGH - 3).fill("ignore"), secret],
  });
  const { closed, child } = JSON.parse(ran.stdout) as {
    readonly closed: readonly number[];
    readonly child: readonly string[];
  };
  expect(closed).toContain(HIGH);
  // The last one is the folder that `ls` itself reads.
  expect(child).toEqual(["0", "1", "2", "3"]);
});
