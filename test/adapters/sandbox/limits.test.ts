import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandExecutor } from "../../../src/adapters/command/executor.ts";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import { chooseWrapper } from "../../../src/adapters/process/wrapper.ts";
import { findProgram } from "../../../src/adapters/process/find-program.ts";
import { makeLimited } from "../../../src/adapters/sandbox/limits/limited.ts";
import { makeMeasure } from "../../../src/adapters/sandbox/limits/measure.ts";
import type { RunOutcome } from "../../../src/ports/executor.ts";
import type { Confinement, Launcher } from "../../../src/ports/launcher.ts";
import { freshSpec } from "../executor-contract.ts";
import { temporaryFolder } from "../support.ts";
import { confineTo, fencingLauncher, sandbox } from "./support.ts";

const MIB = 1024 * 1024;

/** As at the level `process`. */
async function limitedLauncher(): Promise<Launcher> {
  const prlimit = findProgram("prlimit", process.env["PATH"]);
  const parts = { groups: null, measure: makeMeasure(null, false), prlimit };
  return await createLauncher({ fences: { process: makeLimited(await chooseWrapper({}), parts) } });
}

/** Runs a shell line with a limit on its folder; what came of it, and whether `kept` stands there. */
async function runWith(
  launcher: Launcher,
  level: Confinement["level"],
  limits: Partial<Confinement["limits"]>,
  line: string,
): Promise<{ readonly outcome: RunOutcome; readonly isKept: boolean }> {
  await using folder = await temporaryFolder();
  const spec = await freshSpec(folder.path, "");
  const executor = commandExecutor({
    name: "shell",
    command: "/bin/sh",
    args: ["-c", line],
    env: { PATH: "/usr/bin:/bin" },
    launcher,
    confine: (run) => {
      const all = confineTo(run);
      return { ...all, level, limits: { ...all.limits, ...limits } };
    },
  });
  const run = executor.start(spec);
  for await (const _ of run.events);
  const outcome = await run.outcome;
  const isKept = existsSync(join(spec.workspace, "kept"));
  const closed = join(spec.workspace, "closed");
  if (existsSync(closed)) chmodSync(closed, 0o700);
  return { outcome, isKept };
}

const OVER_DISK = {
  type: "failed",
  failure: "over-limit",
  message: expect.stringContaining("isolation.disk"),
};
const OVER_FILES = {
  type: "failed",
  failure: "over-limit",
  message: expect.stringContaining("isolation.files"),
};
const FILL =
  "echo yes >kept; mkdir closed; head -c 40M /dev/zero >closed/a; chmod 0 closed; sleep 600";
const FILL_UNNAMED =
  "echo yes >kept; exec 3>a; rm a; head -c 40M /dev/zero >&3; while :; do sleep 1; done";
const MANY = "echo yes >kept; mkdir many; cd many; touch $(seq 500); sleep 600";

describe.skipIf(!sandbox.ok)("a fenced tree", () => {
  it("is ended when its folder holds too much, even where it cannot be looked into", async () => {
    const limits = { diskBytes: 16 * MIB };
    const { outcome, isKept } = await runWith(await fencingLauncher(), "sandbox", limits, FILL);
    expect(outcome).toMatchObject(OVER_DISK);
    expect(isKept).toBe(true);
  });

  it("is ended when files without a name take too much", async () => {
    const limits = { diskBytes: 16 * MIB };
    const fence = await fencingLauncher();
    const { outcome } = await runWith(fence, "sandbox", limits, FILL_UNNAMED);
    expect(outcome).toMatchObject(OVER_DISK);
  });

  it("is ended when it makes too many files", async () => {
    const { outcome } = await runWith(await fencingLauncher(), "sandbox", { files: 100 }, MANY);
    expect(outcome).toMatchObject(OVER_FILES);
  });

  it("goes on while it stays below", async () => {
    const limits = { diskBytes: 16 * MIB, files: 100 };
    const line = "head -c 4M /dev/zero >kept; sleep 1.5; echo done";
    const { outcome } = await runWith(await fencingLauncher(), "sandbox", limits, line);
    expect(outcome).toEqual({ type: "done", text: "done" });
  });
});

describe("a tree without a fence", () => {
  it("is ended when its folder holds too much", async () => {
    const limits = { diskBytes: 16 * MIB };
    const line = "head -c 40M /dev/zero >kept; sleep 600";
    const { outcome } = await runWith(await limitedLauncher(), "process", limits, line);
    expect(outcome).toMatchObject(OVER_DISK);
  });

  it("can write no file that is too large", async () => {
    const limits = { fileBytes: MIB };
    const line = "head -c 4M /dev/zero >kept";
    const { outcome } = await runWith(await limitedLauncher(), "process", limits, line);
    expect(outcome).toMatchObject({ type: "failed", failure: "crash" });
  });
});

describe.skipIf(!sandbox.ok)("a fence that fails", () => {
  it("is told apart from the program in it", async () => {
    await using folder = await temporaryFolder();
    const executor = commandExecutor({
      name: "shell",
      command: "/bin/sh",
      args: ["-c", "exit 0"],
      env: { PATH: "/usr/bin:/bin" },
      launcher: await fencingLauncher(),
      confine: () => confineTo({ workspace: join(folder.path) }),
    });
    const run = executor.start({ ...(await freshSpec(folder.path, "")), workspace: "/var/lib" });
    for await (const _ of run.events);
    expect(await run.outcome).toMatchObject({
      type: "failed",
      failure: "sandbox",
      message: expect.stringMatching(/^The sandbox could not be set up: bwrap: .*\/var\/lib/u),
    });
  });
});
