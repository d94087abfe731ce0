import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "../adapters/sandbox/support.ts";
import { PROJECT_FILES } from "../liars/agents.ts";
import { temporaryFolder, until } from "../adapters/support.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");
const GIT = ["-c", "user.name=P", "-c", "user.email=p@example.org"];

interface Said {
  readonly code: number;
  readonly text: string;
}

test("a person adds checks, sees the verdict, and verifies the receipt without the daemon", async () => {
  await using folder = await temporaryFolder();
  const [home, repository] = [join(folder.path, "home"), join(folder.path, "sum")];
  await mkdir(home, { mode: 0o700 });
  for (const [name, text] of Object.entries(PROJECT_FILES)) {
    await mkdir(join(repository, name, ".."), { recursive: true });
    await writeFile(join(repository, name), text);
  }
  for (const words of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["commit", "-qm", "A bug"],
  ]) {
    execFileSync("git", [...GIT, ...words], { cwd: repository });
  }
  await writeFile(
    join(home, "config.yaml"),
    `executors: { default: shell, commands: { shell: { command: [/bin/sh] } } }
resources: { memory_free_min: null, disk_free_min: null }
registries: { npm: off, pip: off }
isolation: { level: ${sandbox.ok ? "sandbox" : "process"} }\n`,
  );
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder.path,
    SLEEPLESS_HOME: home,
  };
  const sle = async (...words: readonly string[]): Promise<Said> =>
    await new Promise((resolve) => {
      execFile(process.execPath, [BIN, ...words], { env }, (error, out, err) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, text: out + err });
      });
    });
  const checks = ["--check", "npm test", "--check", "lint=sh tools/lint.sh"];
  await sle("project", "add", "sum", "--path", repository, ...checks);
  expect((await sle("project", "show", "sum")).text).toContain("Check     npm-test: npm test");
  const refused = await sle("project", "add", "two", "--path", repository, "--check", "=");
  expect(refused).toMatchObject({ code: 2, text: expect.stringContaining("has no good name") });

  const daemon = spawn(process.execPath, [BIN, "daemon", "run"], { env, stdio: "ignore" });
  const gone = once(daemon, "exit");
  await sle("think", "-p", "sum", "sed -i 's/a - b/a + b/' src/sum.js");
  const shown = await until(async () => {
    const { text } = await sle("show", "1");
    return /succeeded|failed/u.test(text) ? text : null;
  });
  expect(shown).toMatch(/succeeded.*verified/u);
  expect(shown).toContain("✓ check: verified (npm-test passed, lint passed)");
  daemon.kill("SIGTERM");
  await gone;

  expect((await sle("diff", "1")).text).toContain("+exports.sum = (a, b) => a + b;");
  expect((await sle("receipt", "1")).text).toMatch(/verified/u);
  expect(await sle("receipt", "verify", "1")).toMatchObject({ code: 0 });
  const results = join(home, "data", "results");
  const [day = ""] = await readdir(results);
  const path = join(results, day, "1-1", "receipt.json");
  await writeFile(path, (await readFile(path, "utf8")).replace('"passed"', '"failed"'));
  expect((await sle("receipt", "verify", "1")).code).not.toBe(0);
});
