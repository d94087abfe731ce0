import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import type { ProcessIdentity } from "../../../src/core/attempt.ts";
import {
  createLauncher,
  type LauncherOptions,
  ProgramMissing,
} from "../../../src/adapters/process/launcher.ts";
import { isSameProcess, processTable } from "../../../src/adapters/process/process-table.ts";
import type { Launched } from "../../../src/ports/launcher.ts";
import { markedPids, temporaryFolder, testEnvironment, textOf, until } from "../support.ts";

const PARENT = join(import.meta.dirname, "../../fixtures/launching-parent.ts");
const WAYS: readonly { readonly way: string; readonly options: LauncherOptions }[] = [
  { way: "bubblewrap", options: {} },
  { way: "setpriv", options: { bwrap: "off" } },
  { way: "a process group", options: { bwrap: "off", setpriv: "off" } },
  { way: "ps instead of /proc", options: { bwrap: "off", table: processTable("ps") } },
];
const GENTLE_MS = 60_000;

describe.each(WAYS)("the launcher by $way", ({ way, options }) => {
  it("tells who was started, in a session of its own", async (context) => {
    const { launched, table } = await setup(context, way, options, "echo; sleep 1000");
    expect(launched.identity).toEqual(table.identify(launched.child.pid ?? 0));
    const row = (await table.rows()).find(({ pid }) => pid === launched.child.pid);
    expect(row?.groupId).toBe(launched.child.pid);
    await launched.kill(0);
  });

  it("gives the environment it was given, the mark, and no more", async (context) => {
    const { output, mark } = await setup(context, way, options, "env; exec >&-");
    expect(output.trim().split("\n").filter(isNotTheShells).toSorted(byText)).toEqual(
      ["PATH=" + String(process.env["PATH"]), `SLEEPLESS_MARK=${mark}`].toSorted(byText),
    );
  });

  it("ends politely what listens, without killing", async (context) => {
    const script = `trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done`;
    const { launched, rest } = await setup(context, way, options, script);
    await launched.kill(GENTLE_MS);
    expect(await rest).toBe("bye\n");
    expect(await exitOf(launched)).toBe(7);
  });

  it("kills what ignores SIGTERM when the grace is over", async (context) => {
    const script = `trap '' TERM; echo ready; while :; do sleep 0.05; done`;
    const { launched, mark } = await setup(context, way, options, script);
    await launched.kill(50);
    expect(await markedPids(mark)).toEqual([]);
    expect(await exitOf(launched)).not.toBe(0);
  });

  it("shortens the grace of a kill under way", async (context) => {
    const script = `trap '' TERM; echo ready; while :; do sleep 0.05; done`;
    const { launched, mark } = await setup(context, way, options, script);
    const gentle = launched.kill(GENTLE_MS);
    await launched.kill(0);
    await gentle;
    expect(await markedPids(mark)).toEqual([]);
  });

  it("ends children that left the group, even without the mark", async (context) => {
    const script = `setsid sleep 1000 & env -i setsid sleep 1001 & echo ready; wait`;
    const { launched, table } = await setup(context, way, options, script);
    const tree = await until(async () => {
      const pids = await descendants(table, launched.child.pid ?? 0);
      return pids.length >= 2 ? pids : null;
    });
    await launched.kill(0);
    const left = (await table.rows()).filter(({ pid }) => tree.includes(pid));
    expect(left).toEqual([]);
  });

  it("ends a flood of children while they are made", async (context) => {
    const script = `trap '' TERM; echo ready; while :; do setsid sleep 1000 & sleep 0.002; done`;
    const { launched, mark } = await setup(context, way, options, script);
    await launched.kill(20);
    expect(await markedPids(mark)).toEqual([]);
  });

  it("refuses a program that is not there", async () => {
    const launcher = await createLauncher(options);
    const spec = { command: "no-such-program", args: [], cwd: "/", env: {}, mark: "x" };
    expect(() => launcher.spawn(spec)).toThrow(ProgramMissing);
  });

  it("ends the leftovers of a killed daemon", async (context) => {
    const { answer, mark, parent, launcher } = await orphan(context, way, options);
    const identity = JSON.parse((await textOf(answer)) ?? "") as ProcessIdentity;
    const table = options.table ?? processTable();
    parent.kill("SIGKILL");
    await once(parent, "exit");
    if (way === "bubblewrap" || way === "setpriv") {
      // The kernel ends it: all of the namespace, or the agent itself.
      await until(() => (isSameProcess(table, identity) ? null : true));
    }
    if (way === "bubblewrap") await until(async () => none(await markedPids(mark)));
    expect(await launcher.endLeftovers(mark, identity)).toBe(true);
    expect(await markedPids(mark)).toEqual([]);
    expect(isSameProcess(table, identity)).toBe(false);
  });
});

describe("leftovers", () => {
  it("spares a process that has the pid but another start time or boot", async () => {
    const launcher = await createLauncher();
    const table = processTable();
    const self = table.identify(process.pid);
    if (self === null) throw new Error("a process must find itself");
    const older = { ...self, startTicks: self.startTicks - 1 };
    expect(await launcher.endLeftovers(randomUUID(), older)).toBe(true);
    expect(await launcher.endLeftovers(randomUUID(), { ...self, bootId: "other" })).toBe(true);
    expect(isSameProcess(table, self)).toBe(true);
  });

  it("finds them by the mark alone", async () => {
    const { launched, mark, launcher } = await start({ bwrap: "off" }, "echo ready; sleep 1000");
    expect(await launcher.endLeftovers(mark, null)).toBe(true);
    expect(await markedPids(mark)).toEqual([]);
    await launched.kill(0);
  });
});

describe("what the launcher says of itself", () => {
  it.each([
    { options: { bwrap: "off" }, pidNamespace: false, detail: /setpriv/ },
    {
      options: { bwrap: "off", setpriv: "off" },
      pidNamespace: false,
      detail: /process group only/,
    },
  ] as const)("is honest about the weaker ways", async ({ options, ...said }) => {
    const launcher = await createLauncher(options);
    const { detail, pidNamespace } = launcher.describe();
    expect(pidNamespace).toBe(said.pidNamespace);
    expect(detail).toMatch(said.detail);
  });
});

describe("a bubblewrap that is installed and does not work", () => {
  it("is found out before anything depends on it", async () => {
    await using folder = await temporaryFolder();
    const words = "setting up uid map: Permission denied";
    const script = `#!/bin/sh\necho "bwrap: ${words}" >&2\nexit 1\n`;
    await writeFile(join(folder.path, "bwrap"), script, { mode: 0o755 });
    const path = process.env["PATH"];
    process.env["PATH"] = `${folder.path}:${path}`;
    const launcher = await createLauncher();
    process.env["PATH"] = path;
    const { detail, pidNamespace } = launcher.describe();
    expect(pidNamespace).toBe(false);
    expect(detail).toContain(`bwrap does not work here: bwrap: ${words}`);
  });
});

/** Starts a tree and waits for its first line. */
async function setup(context: TestContext, way: string, options: LauncherOptions, script: string) {
  const started = await start(options, script);
  const isBubblewrap = started.launcher.describe().pidNamespace;
  context.skip(way === "bubblewrap" && !isBubblewrap, "bubblewrap does not work on this machine");
  return started;
}

async function start(options: LauncherOptions, script: string) {
  const launcher = await createLauncher(options);
  const mark = `1/1/${randomUUID()}`;
  const { PATH = "" } = testEnvironment("/");
  const launched = launcher.spawn({
    command: "sh",
    args: ["-c", script],
    cwd: "/",
    env: { PATH },
    mark,
  });
  const { child } = launched;
  if (child.stdout === null) throw new Error("stdout must be a pipe");
  const chunks: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  const closed = once(child.stdout, "close");
  await until(() => chunks.join("").includes("\n") || null);
  const output = chunks.splice(0).join("");
  const rest = closed.then(() => chunks.join(""));
  return { launcher, launched, mark, output, rest, table: options.table ?? processTable() };
}

async function orphan(context: TestContext, way: string, options: LauncherOptions) {
  const folder = await temporaryFolder();
  const launcher = await createLauncher(options);
  const isBubblewrap = launcher.describe().pidNamespace;
  context.skip(way === "bubblewrap" && !isBubblewrap, "bubblewrap does not work on this machine");
  const mark = `1/1/${randomUUID()}`;
  const answer = join(folder.path, "identity.json");
  const script = `trap '' TERM HUP; setsid sleep 1000 & touch ${folder.path}/ready; sleep 1000`;
  const { table: _, ...plain } = options;
  const parent = spawn(process.execPath, [PARENT, JSON.stringify(plain), mark, script, answer], {
    stdio: "ignore",
  });
  context.onTestFinished(async () => {
    parent.kill("SIGKILL");
    await folder[Symbol.asyncDispose]();
  });
  await until(async () => await textOf(join(folder.path, "ready")));
  // The agent may be ready before its parent has written who it is.
  await until(async () => ((await textOf(answer))?.endsWith("}") === true ? true : null));
  return { answer, launcher, mark, parent };
}

async function exitOf({ child }: Launched): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

async function descendants(
  table: ReturnType<typeof processTable>,
  root: number,
): Promise<readonly number[]> {
  const rows = await table.rows();
  const found = [root];
  for (const pid of found) {
    found.push(...rows.filter((row) => row.parentPid === pid).map((row) => row.pid));
  }
  return found.slice(1);
}

function none(pids: readonly number[]): true | null {
  return pids.length === 0 ? true : null;
}

function isNotTheShells(line: string): boolean {
  return !/^(PWD|OLDPWD|SHLVL|_)=/.test(line);
}

function byText(a: string, b: string): number {
  return a.localeCompare(b);
}
