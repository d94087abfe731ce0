import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "../adapters/sandbox/support.ts";
import { writeFiles } from "../adapters/git-workspaces/setup.ts";
import { temporaryFolder, until } from "../adapters/support.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");
const GIT = ["-c", "user.name=P", "-c", "user.email=p@example.org"];
const FILES = { "README.md": "top\n", "libs/one.ts": "one\n", "docs/guide.md": "guide\n" };

function runDaemon(env: NodeJS.ProcessEnv): AsyncDisposable {
  const daemon = spawn(process.execPath, [BIN, "daemon", "run"], { env, stdio: "ignore" });
  const gone = once(daemon, "exit");
  return {
    [Symbol.asyncDispose]: async () => {
      daemon.kill("SIGTERM");
      await gone;
    },
  };
}

test("an agent gets the folders of its project; the checks and the branch have them all", async () => {
  await using folder = await temporaryFolder();
  const [home, repository] = [join(folder.path, "home"), join(folder.path, "big")];
  await mkdir(home, { mode: 0o700 });
  writeFiles(repository, FILES);
  const git = (...words: readonly string[]): string =>
    execFileSync("git", [...GIT, ...words], { cwd: repository, encoding: "utf8" });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "First");
  await writeFile(
    join(home, "config.yaml"),
    `executors: { default: shell, commands: { shell: { command: [/bin/sh] } } }
resources: { memory_free_min: null, disk_free_min: null }
registries: { npm: off, pip: off }
isolation: { level: ${sandbox.ok ? "sandbox" : "process"} }
projects: { big: { folders: [libs/] }, typo: { folders: [lisb] } }\n`,
  );
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder.path,
    SLEEPLESS_HOME: home,
  };
  const sle = async (...words: readonly string[]): Promise<string> =>
    await new Promise((resolve) => {
      execFile(process.execPath, [BIN, ...words], { env }, (_error, out, err) => {
        resolve(out + err);
      });
    });
  await sle("project", "add", "big", "--path", repository, "--check", "cat docs/guide.md");
  await sle("project", "add", "typo", "--path", repository);

  await using _daemon = runDaemon(env);
  await sle("think", "-p", "big", "ls -d * */* >libs/seen.txt");
  await sle("think", "-p", "typo", "true");
  const ended = async (task: string): Promise<string> =>
    until(async () => {
      const text = await sle("show", task);
      return /^Task #\d+: (?:succeeded|failed)/u.test(text) ? text : null;
    });
  expect(await ended("1")).toMatch(/succeeded.*verified/u);
  expect(await ended("2")).toContain(
    "The repository of project typo has no folder lisb where its work begins; see projects.typo.folders in the settings.",
  );
  expect(await sle("diff", "1")).toContain("+README.md\n+libs\n+libs/one.ts\n");
  const branch = git("for-each-ref", "--format=%(refname)", "refs/heads/feature/").trim();
  expect(git("diff", "--name-status", "main", branch)).toBe("A\tlibs/seen.txt\n");
});
