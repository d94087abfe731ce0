import { spawnSync } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandExecutor, FINAL_TEXT_MAX_BYTES } from "../../../src/adapters/command/executor.ts";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import { OUTPUT_FILE_MAX_BYTES } from "../../../src/adapters/process/output-file.ts";
import type { Executor } from "../../../src/ports/executor.ts";
import { executorContract, freshSpec } from "../executor-contract.ts";
import { confineTo, fencingLauncher, sandbox } from "../sandbox/support.ts";
import { follow, markedPids, temporaryFolder, testEnvironment, textOf } from "../support.ts";

const SMALL_DISK = join(import.meta.dirname, "../../fixtures/command-run.ts");

/** Does what the first line of the prompt says, as a shell program would. */
const AGENT = `
read -r first
case "$first" in
  works) echo "It works." ;;
  fails) echo "no luck" >&2; exit 3 ;;
  hangs) echo started; sleep 1000 & wait ;;
esac`;

executorContract("the command executor", async (folder) => ({
  executor: await shellExecutor(folder, AGENT),
  prompts: { works: "works", fails: "fails", hangs: "hangs", listens: null },
  uses: null,
  isReal: true,
  [Symbol.asyncDispose]: async () => {},
}));

executorContract("the command executor without bubblewrap and setpriv", async (folder) => ({
  executor: await shellExecutor(folder, AGENT, { bwrap: "off", setpriv: "off" }),
  prompts: { works: "works", fails: "fails", hangs: "hangs", listens: null },
  uses: null,
  isReal: true,
  [Symbol.asyncDispose]: async () => {},
}));

describe.skipIf(!sandbox.ok)("in the sandbox", () => {
  executorContract("the command executor", async () => ({
    executor: commandExecutor({
      name: "shell",
      command: "/bin/sh",
      args: ["-c", AGENT],
      env: {},
      launcher: await fencingLauncher(),
      confine: confineTo,
    }),
    prompts: { works: "works", fails: "fails", hangs: "hangs", listens: null },
    uses: null,
    isReal: true,
    [Symbol.asyncDispose]: async () => {},
  }));
});

describe("the command executor", () => {
  it("gives the prompt on standard input and the workspace as the folder", async () => {
    const run = await setup(`cat > got.txt; pwd`, "two\nlines\0and a NUL");
    await using _ = run.folder;
    expect(run.outcome).toEqual({ type: "done", text: run.spec.workspace });
    expect(await textOf(join(run.spec.workspace, "got.txt"))).toBe("two\nlines\0and a NUL");
  });

  it("passes on nothing of our own environment", async () => {
    process.env["SLEEPLESS_TEST_SECRET"] = "hidden";
    const run = await setup("env");
    await using _ = run.folder;
    delete process.env["SLEEPLESS_TEST_SECRET"];
    const names = run.outcome.type === "done" ? run.outcome.text.split("\n") : [];
    const variables = new Set(names.map((line) => line.split("=")[0]));
    expect(variables).toEqual(new Set(["HOME", "LANG", "PATH", "PWD", "SLEEPLESS_MARK", "TERM"]));
  });

  it.each([
    { exit: 75, failure: "overloaded", message: "The command exited with code 75: busy" },
    { exit: 1, failure: "crash", message: "The command exited with code 1: busy" },
    { exit: 127, failure: "crash", message: "The command exited with code 127: busy" },
  ])("takes exit code $exit for $failure", async ({ exit, failure, message }) => {
    const run = await setup(`echo busy >&2; exit ${exit}`);
    await using _ = run.folder;
    expect(run.outcome).toEqual({ type: "failed", failure, message, retryAt: null });
  });

  it("names the signal that ended the program", async () => {
    const run = await setup("kill -KILL $$");
    await using _ = run.folder;
    expect(run.outcome).toEqual({
      type: "failed",
      failure: "crash",
      message: "The command was ended by SIGKILL.",
      retryAt: null,
    });
  });

  it("says which setting to correct when the program is missing", async () => {
    await using folder = await temporaryFolder();
    const executor = await openExecutor(folder.path, "no-such-agent", []);
    const message =
      'The program no-such-agent of the executor "command" was not found; correct its command in the configuration.';
    expect(await executor.probe(AbortSignal.timeout(1000))).toEqual({
      ready: false,
      reason: message,
      nextCheckAt: null,
      detail: message,
    });
    const { events, outcome } = await follow(executor.start(await freshSpec(folder.path)));
    expect(events).toEqual([]);
    expect(outcome).toEqual({ type: "failed", failure: "config", message, retryAt: null });
  });

  it("never runs a program that lies in the workspace", async () => {
    await using folder = await temporaryFolder();
    const executor = await openExecutor(folder.path, "./agent", []);
    const { outcome } = await follow(executor.start(await freshSpec(folder.path)));
    expect(outcome).toMatchObject({ type: "failed", failure: "config" });
  });

  it("keeps the output in files, and only its end as the text", async () => {
    const run = await setup("echo to stderr >&2; yes 0123456789 | head -c 200000; echo; echo end");
    await using _ = run.folder;
    expect(await textOf(join(run.spec.outputDir, "stderr.log"))).toBe("to stderr\n");
    const stdout = (await textOf(join(run.spec.outputDir, "stdout.log"))) ?? "";
    expect(stdout).toHaveLength(200_005);
    const text = run.outcome.type === "done" ? run.outcome.text : "";
    expect(text.length).toBeGreaterThan(FINAL_TEXT_MAX_BYTES - 100);
    expect(text.length).toBeLessThanOrEqual(FINAL_TEXT_MAX_BYTES);
    expect(stdout.trimEnd().endsWith(text)).toBe(true);
    expect(await readdir(run.spec.outputDir)).toEqual(["stderr.log", "stdout.log"]);
  });

  it("stays small under a flood of 1 GB, and notes what it dropped", async () => {
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
    const run = await setup("yes | head -c 1000000000; echo; echo end");
    clearInterval(watch);
    await using _ = run.folder;
    expect(run.outcome).toMatchObject({ type: "done", text: expect.stringMatching(/end$/) });
    const note = `\n[${1_000_000_005 - OUTPUT_FILE_MAX_BYTES} more bytes were dropped here]\n`;
    const { size } = await stat(join(run.spec.outputDir, "stdout.log"));
    expect(size).toBe(OUTPUT_FILE_MAX_BYTES + note.length);
    expect(most - before).toBeLessThan(200 * 1024 * 1024);
    expect(run.events.length).toBeLessThan(200);
  });

  it("names a full disk, and ends the agent that goes on writing", async (context) => {
    const text = "-".repeat(1000);
    const answer = runOnSmallDisk(`while :; do echo ${text}; done`);
    context.skip(answer === null, "this machine allows no small disk of our own (unshare, mount)");
    expect(answer).toEqual({
      type: "failed",
      failure: "disk",
      message: "The disk is full: the output of the agent could not be written.",
      retryAt: null,
    });
  });

  it("survives output that is not text", async () => {
    const run = await setup(String.raw`printf '\377\376 \033[31m \000 end'`);
    await using _ = run.folder;
    expect(run.outcome).toEqual({ type: "done", text: "\uFFFD\uFFFD \u001B[31m \0 end" });
  });

  it("is done when the program is, whatever it left in the background", async () => {
    const run = await setup("setsid sleep 1000 & sleep 1000 & echo done");
    await using _ = run.folder;
    expect(run.outcome).toEqual({ type: "done", text: "done" });
    expect(await markedPids(run.spec.mark)).toEqual([]);
  });

  it("does not mind a program that never reads its prompt", async () => {
    const run = await setup("exec <&-; echo done", "x".repeat(1_000_000));
    await using _ = run.folder;
    expect(run.outcome).toEqual({ type: "done", text: "done" });
  });

  it("counts as stalled only what shows no sign of life", async () => {
    await using folder = await temporaryFolder();
    const executor = await shellExecutor(
      folder.path,
      "for i in 1 2 3 4 5; do echo $i; sleep 0.4; done",
    );
    const spec = { ...(await freshSpec(folder.path)), stallMs: 1200 };
    expect((await follow(executor.start(spec))).outcome).toMatchObject({ type: "done" });
  });

  it("says what the limit was", async () => {
    await using folder = await temporaryFolder();
    const executor = await shellExecutor(folder.path, "sleep 1000");
    const spec = { ...(await freshSpec(folder.path)), stallMs: 200 };
    expect((await follow(executor.start(spec))).outcome).toEqual({
      type: "failed",
      failure: "stalled",
      message: "The agent gave no sign of life for 200 ms and was ended.",
      retryAt: null,
    });
  });
});

/** Runs the script with its output on a disk of 64 KiB; null where no such disk can be made. */
function runOnSmallDisk(script: string): unknown {
  const mount = `mount -t tmpfs -o size=64k tmpfs /mnt && exec "$@"`;
  const namespace = `exec unshare --user --map-root-user --mount sh -c '${mount}' sh "$@"`;
  const program = [process.execPath, SMALL_DISK, "/mnt", script];
  const run = spawnSync("sh", ["-c", namespace, "sh", ...program], { encoding: "utf8" });
  return run.status === 0 ? JSON.parse(run.stdout) : null;
}

async function setup(script: string, prompt = "") {
  const folder = await temporaryFolder();
  const executor = await shellExecutor(folder.path, script);
  const spec = await freshSpec(folder.path, prompt);
  return { folder, spec, ...(await follow(executor.start(spec))) };
}

async function shellExecutor(
  home: string,
  script: string,
  options: Parameters<typeof createLauncher>[0] = {},
): Promise<Executor> {
  return await openExecutor(home, "sh", ["-c", script], options);
}

async function openExecutor(
  home: string,
  command: string,
  args: readonly string[],
  options: Parameters<typeof createLauncher>[0] = {},
): Promise<Executor> {
  const launcher = await createLauncher(options);
  return commandExecutor({ name: "command", command, args, env: testEnvironment(home), launcher });
}
