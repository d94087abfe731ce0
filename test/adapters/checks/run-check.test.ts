import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkRunner } from "../../../src/adapters/checks/run-check.ts";
import { FenceFailed } from "../../../src/adapters/process/fence-failed.ts";
import type { CheckRun } from "../../../src/core/proof.ts";
import type { CheckSpec } from "../../../src/ports/proof.ts";
import { confineTo, fencingLauncher, sandbox } from "../sandbox/support.ts";
import { temporaryFolder } from "../support.ts";

const MIB = 1024 * 1024;
const NEVER = new AbortController().signal;

interface Ran extends CheckRun {
  readonly output: string;
}

async function run(
  command: string,
  more: Partial<CheckSpec> = {},
  signal: AbortSignal = NEVER,
): Promise<Ran> {
  await using folder = await temporaryFolder();
  const [place, outputPath] = [join(folder.path, "checkout"), join(folder.path, "output")];
  await mkdir(place);
  const runner = checkRunner({
    launcher: await fencingLauncher(),
    env: { PATH: "/usr/bin:/bin" },
    confine: (spec) => {
      const confinement = confineTo({ workspace: spec.folder });
      return { ...confinement, limits: { ...confinement.limits, diskBytes: 16 * MIB } };
    },
  });
  const spec: CheckSpec = {
    project: "app",
    isolation: null,
    command,
    folder: place,
    mark: "1/1/check",
    timeoutMs: 60_000,
    outputPath,
    ...more,
  };
  const ran = await runner(spec, signal);
  return { ...ran, output: await readFile(outputPath, "utf8") };
}

describe.skipIf(!sandbox.ok)("a check in the fence", () => {
  it("tells its exit code, and the hash of all that it wrote", async () => {
    const { output, ...ran } = await run("echo seen; echo also >&2; exit 3");
    expect(output.split("\n").toSorted()).toEqual(["", "also", "seen"]);
    expect(ran).toMatchObject({ exitCode: 3, problem: null });
    expect(ran.outputSha256).toBe(createHash("sha256").update(output).digest("hex"));
  });

  it("is not told that it is one", async () => {
    const { output } = await run("env | grep -c '^CI=' ; ls -A");
    expect(output).toBe("0\n");
  });

  it("is not run when it cannot be, in words", async () => {
    expect(await run("no-such-program")).toMatchObject({ exitCode: 127, problem: null });
    expect(await run("kill -9 $$")).toMatchObject({
      exitCode: null,
      problem: "it was ended by SIGKILL",
    });
    expect(await run("sleep 600", { timeoutMs: 500 })).toMatchObject({
      exitCode: null,
      problem: "it took too long",
    });
    expect(await run("head -c 40M /dev/zero > big; sleep 600")).toMatchObject({
      exitCode: null,
      problem: "it took more disk than it may",
    });
  });

  it("stops with the signal", async () => {
    const stop = new AbortController();
    const ran = run("sleep 600", {}, stop.signal);
    setTimeout(() => stop.abort(new Error("stopped by a person")), 300);
    await expect(ran).rejects.toThrow("stopped by a person");
  });
});

it.skipIf(!sandbox.ok)("a check that is stopped while it is started ends too", async () => {
  await using folder = await temporaryFolder();
  const place = join(folder.path, "checkout");
  await mkdir(place);
  const stop = new AbortController();
  const runner = checkRunner({
    launcher: await fencingLauncher(),
    env: { PATH: "/usr/bin:/bin" },
    confine: (spec) => {
      stop.abort(new Error("stopped by a person"));
      return confineTo({ workspace: spec.folder });
    },
  });
  const spec: CheckSpec = {
    project: "app",
    isolation: null,
    command: "sleep 600",
    folder: place,
    mark: "1/1/check",
    timeoutMs: 600_000,
    outputPath: join(folder.path, "output"),
  };
  await expect(runner(spec, stop.signal)).rejects.toThrow("stopped by a person");
});

it("that cannot be kept apart is not run at all", async () => {
  await using folder = await temporaryFolder();
  const runner = checkRunner({
    launcher: {
      spawn: () => {
        throw new Error("started");
      },
      endLeftovers: () => Promise.resolve(true),
      describe: () => ({ pidNamespace: true, detail: "" }),
    },
    env: {},
    confine: () => {
      throw new FenceFailed("There is no sandbox on this machine.");
    },
  });
  const spec: CheckSpec = {
    project: "app",
    isolation: null,
    command: "true",
    folder: folder.path,
    mark: "1/1/check",
    timeoutMs: 1000,
    outputPath: join(folder.path, "output"),
  };
  expect(await runner(spec, NEVER)).toMatchObject({
    exitCode: null,
    problem: "There is no sandbox on this machine.",
  });
});
