import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Launcher } from "../../../src/ports/launcher.ts";
import { fencingLauncher, sandbox } from "../sandbox/support.ts";
import { type Bundle, git, inside, read, reading, setup, writeFiles } from "./setup.ts";

const isRoot = process.getuid?.() === 0;

/** The launcher, and what was started through it. */
async function counting(): Promise<{ launcher: Launcher; starts: readonly string[] }> {
  const launcher = await fencingLauncher();
  const starts: string[] = [];
  const spawn: Launcher["spawn"] = (spec) => {
    starts.push(spec.command);
    return launcher.spawn(spec);
  };
  return { launcher: { ...launcher, spawn }, starts };
}

function setupWith(fence: Launcher): Bundle {
  reading.fence = () => fence;
  return setup();
}

function leftIn(bundle: Bundle): readonly string[] {
  return readdirSync(join(bundle.repositories, ".private")).filter((name) => name !== "seeds");
}

describe.skipIf(!sandbox.ok)("a state read behind the fence", () => {
  test("takes one start, and none for an empty folder; nothing of it is left over", async () => {
    const { launcher, starts } = await counting();
    using bundle = setupWith(launcher);
    const project = bundle.repositoryProject({ "a.txt": "one\n", "lib/b.txt": "two\n" });
    await bundle.workspaces.open(8, null, bundle.signal);
    await bundle.workspaces.keep(8, 1, null, bundle.signal);
    expect(starts).toEqual([]);
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    writeFiles(path, { "new/inner/n.txt": "n\n", "a.txt": "x\n" });
    git(join(path, "new/inner"), "init", "-q");
    await bundle.workspaces.keep(7, 1, project, bundle.signal);
    expect(starts).toHaveLength(1);
    expect(leftIn(bundle)).toEqual(["home"]);
    expect(inside(bundle, "app", "fsck", "--strict")).toBe("");
  });

  test("is that of the folder alone: programs, monitors and links of the agent do nothing", async () => {
    using bundle = setupWith(await fencingLauncher());
    const project = bundle.repositoryProject();
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    const trap = join(path, "trap.sh");
    writeFileSync(trap, `#!/bin/sh\n: >${path}/sang\ncat\n`, { mode: 0o755 });
    const settings = ["core.fsmonitor", "core.sshCommand", "diff.trap.textconv", "diff.external"];
    for (const name of ["nested", "nested/deeper"]) {
      writeFiles(join(path, name), {
        "n.txt": "n\n",
        ".gitattributes": "* filter=trap diff=trap\n",
      });
      git(join(path, name), "init", "-q");
      for (const each of [...settings, "filter.trap.clean", "filter.trap.process"]) {
        git(join(path, name), "config", each, trap);
      }
      git(join(path, name), "config", "core.worktree", "/");
    }
    writeFiles(path, {
      ".gitattributes": "* filter=trap diff=trap\n",
      ".git/index.lock": "",
      "nested/.git/index.lock": "",
      "swapped/x": "x\n",
    });
    rmSync(join(path, "swapped"), { recursive: true });
    symlinkSync("/etc", join(path, "swapped"));
    writeFileSync(join(path, "elsewhere"), "");
    rmSync(join(path, "nested/deeper/.git"), { recursive: true });
    writeFileSync(join(path, "nested/deeper/.git"), `gitdir: ${project.location}/.git\n`);
    const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
    expect(changed.map((change) => change.path)).toEqual([
      ".gitattributes",
      "elsewhere",
      "nested/.gitattributes",
      "nested/deeper/.gitattributes",
      "nested/deeper/n.txt",
      "nested/n.txt",
      "swapped",
      "trap.sh",
    ]);
    expect(existsSync(join(path, "sang"))).toBe(false);
    expect(inside(bundle, "app", "cat-file", "-p", "refs/sleepless/keep/7/1:swapped")).toBe("/etc");
  });

  test("holds names that differ in case only, and what is at the places of git's own files", async () => {
    using bundle = setupWith(await fencingLauncher());
    const { path } = await bundle.workspaces.open(7, null, bundle.signal);
    writeFiles(path, {
      Readme: "1\n",
      README: "2\n",
      "con/aux": "3\n",
      ".gitmodules/x": "4\n",
      "deep/.gitmodules": '[submodule "../../x"]\n\turl = --upload-pack=x\n\tpath = ../x\n',
      ".gitattributes": `${"a".repeat(5000)} text\n`,
      ".gitignore": `${"!".repeat(5000)}\n`,
    });
    symlinkSync("/etc/passwd", join(path, ".mailmap"));
    const kept = await bundle.workspaces.keep(7, 1, null, bundle.signal);
    expect(kept.leftOut).toBeUndefined();
    expect(kept.changed.map((change) => change.path)).toEqual([
      ".gitattributes",
      ".gitignore",
      ".gitmodules/x",
      ".mailmap",
      "README",
      "Readme",
      "con/aux",
      "deep/.gitmodules",
    ]);
  });

  test("holds what the agent locked, also its whole folder, which can then be put away", async () => {
    using bundle = setupWith(await fencingLauncher());
    const { path } = await bundle.workspaces.open(7, null, bundle.signal);
    writeFiles(path, { "shut/x": "x\n", "locked.txt": "y\n" });
    if (isRoot) execFileSync("chown", ["-R", "61099:61099", path]);
    for (const name of ["shut/x", "shut", "locked.txt", "."]) chmodSync(join(path, name), 0);
    const { changed } = await bundle.workspaces.keep(7, 1, null, bundle.signal);
    expect(changed.map((change) => change.path)).toEqual(["locked.txt", "shut/x"]);
    chmodSync(path, 0);
    await bundle.workspaces.discard(7);
    expect(existsSync(path)).toBe(false);
  });

  test("tells of folders too deep for git, and leaves them out", async () => {
    using bundle = setupWith(await fencingLauncher());
    const { path } = await bundle.workspaces.open(7, null, bundle.signal);
    writeFiles(path, { "a.txt": "x\n" });
    const script = `
import os
for name in ["d" * 200] * 60:
    os.mkdir(name)
    os.chdir(name)
os.chdir("/".join([".."] * 41))
open("f" * 255, "w").close()`;
    execFileSync("python3", ["-c", script], { cwd: path });
    const { changed, leftOut } = await bundle.workspaces.keep(7, 1, null, bundle.signal);
    expect(changed).toEqual([{ status: "A", path: "a.txt" }]);
    const deep = { path: expect.stringMatching(/^d{200}\/d{200}/u) as string };
    expect(leftOut).toEqual([
      { ...deep, reason: "unreadable" },
      { path: expect.stringMatching(/d\/f{255}$/u) as string, reason: "unreadable" },
      { path: expect.stringMatching(/d{200}$/u) as string, reason: "unreadable" },
    ]);
  });

  test("is whole while its files change: each is as it was at some moment", async () => {
    using bundle = setupWith(await fencingLauncher());
    const project = bundle.repositoryProject({ "a.txt": "one\n" });
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    let round = 0;
    const busy = setInterval(() => {
      round += 1;
      writeFileSync(join(path, "a.txt"), `${round}\n`.repeat(1000));
      renameSync(join(path, "a.txt"), join(path, `${round % 20}.txt`));
      writeFileSync(join(path, "a.txt"), `${round}\n`.repeat(1000));
    }, 1);
    try {
      const kept = await bundle.workspaces.keep(7, 1, project, bundle.signal).catch(String);
      if (typeof kept === "string") expect(kept).toMatch(/cannot be stored|could not be read/u);
    } finally {
      clearInterval(busy);
    }
    const { ref } = await bundle.workspaces.keep(7, 2, project, bundle.signal);
    expect(inside(bundle, "app", "fsck", "--strict")).toBe("");
    expect(inside(bundle, "app", "show", `${ref}:a.txt`)).toBe(read(path, "a.txt").trimEnd());
  });

  test("is not read at all when a person stops it or the fence cannot be made", async () => {
    using bundle = setupWith(await fencingLauncher());
    const { path } = await bundle.workspaces.open(7, null, bundle.signal);
    writeFiles(path, { "a.txt": "x\n" });
    const stop = AbortSignal.abort(new Error("stopped by a person"));
    await expect(bundle.workspaces.keep(7, 1, null, stop)).rejects.toThrow("stopped by a person");
    const refuse = (): never => {
      throw new Error("There is no sandbox");
    };
    using other = setupWith({ ...(await fencingLauncher()), spawn: refuse });
    const second = await other.workspaces.open(7, null, other.signal);
    writeFiles(second.path, { "a.txt": "x\n" });
    await expect(other.workspaces.keep(7, 1, null, other.signal)).rejects.toMatchObject({
      failure: "crash",
      message: expect.stringContaining("could not be read in the sandbox: There is no sandbox"),
    });
    expect([leftIn(bundle), leftIn(other)]).toEqual([["home"], ["home"]]);
  });

  test("changes nothing of ours: neither the repository's files nor their owner", async () => {
    using bundle = setupWith(await fencingLauncher());
    const project = bundle.repositoryProject();
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    writeFiles(path, { "a.txt": "x\n" });
    const ours = join(bundle.repositories, "app.git");
    const before = readFileSync(join(ours, "config"), "utf8");
    await bundle.workspaces.keep(7, 1, project, bundle.signal);
    const owners = execFileSync("find", [ours, "!", "-uid", String(process.getuid?.())]);
    expect([read(ours, "config"), owners.toString()]).toEqual([before, ""]);
    expect(statSync(project.location).uid).toBe(process.getuid?.());
  });
});
