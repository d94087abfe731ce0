import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Project } from "../../../src/core/project.ts";
import { type Bundle, git, inside, setup, writeFiles } from "./setup.ts";

/** A program that leaves a trace when anything runs it. */
interface Canary {
  readonly program: string;
  readonly sang: () => boolean;
}

function canaryOf(bundle: Bundle): Canary {
  const trace = join(bundle.root, "canary-sang");
  const program = join(bundle.root, "canary.sh");
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${trace}\ncat 2>/dev/null\n`);
  chmodSync(program, 0o755);
  return { program, sang: () => existsSync(trace) };
}

const HOOKS = [
  "post-checkout",
  "post-index-change",
  "pre-commit",
  "reference-transaction",
  "post-commit",
  "fsmonitor-watchman",
  "pre-auto-gc",
];

/** Every configuration by which git runs a program, all pointing at the canary. */
function trapsOf({ program }: Canary, hooks: string): string {
  return `[core]
	fsmonitor = ${program}
	hooksPath = ${hooks}
	pager = ${program}
	editor = ${program}
	sshCommand = ${program}
	gitProxy = ${program}
	alternateRefsCommand = ${program}
	attributesFile = ${hooks}/attributes
[filter "trap"]
	clean = ${program}
	smudge = ${program}
	process = ${program}
	required = true
[diff]
	external = ${program}
[diff "trap"]
	command = ${program}
	textconv = ${program}
[merge "trap"]
	driver = ${program}
[uploadpack]
	packObjectsHook = ${program}
[gpg]
	program = ${program}
[credential]
	helper = ${program}
[commit]
	gpgSign = true
[alias]
	add = !${program}
	write-tree = !${program}
`;
}

/** Sets every trap in a repository that an agent can write. */
function trap(gitDir: string, canary: Canary): void {
  const hooks = join(gitDir, "trap-hooks");
  for (const folder of [hooks, join(gitDir, "hooks"), join(gitDir, "info")]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const folder of [hooks, join(gitDir, "hooks")]) {
    for (const hook of HOOKS) {
      writeFileSync(join(folder, hook), readFileSync(canary.program), { mode: 0o755 });
    }
  }
  const attributes = "* filter=trap diff=trap merge=trap\n";
  writeFileSync(join(hooks, "attributes"), attributes);
  writeFileSync(join(gitDir, "info", "attributes"), attributes);
  writeFileSync(join(gitDir, "included"), trapsOf(canary, hooks));
  const config = `${trapsOf(canary, hooks)}[includeIf "gitdir:/"]\n\tpath = ${gitDir}/included\n`;
  writeFileSync(join(gitDir, "config"), `[core]\n\trepositoryformatversion = 0\n${config}`);
}

/** The trap is a trap: git as anyone runs it there does run the canary. */
function expectArmed(folder: string, canary: Canary): void {
  expect(canary.sang()).toBe(false);
  try {
    // Behind the fence of a root daemon it became another user's.
    git(folder, "-c", "safe.directory=*", "status");
    git(folder, "-c", "safe.directory=*", "diff", "HEAD");
  } catch {
    // A trap may break the command as well.
  }
  expect(canary.sang()).toBe(true);
}

/** Everything the daemon does with a workspace after an agent had it. */
async function useAll(
  bundle: Bundle,
  taskId: number,
  project: Project,
): Promise<readonly string[]> {
  await bundle.workspaces.open(taskId, project, bundle.signal);
  const kept = await bundle.workspaces.keep(taskId, 1, project, bundle.signal);
  await bundle.workspaces.diff(kept.ref, project, 1_000_000);
  const into = join(bundle.root, "restored");
  await bundle.workspaces.restoreKept(kept.ref, project, into, bundle.signal);
  rmSync(into, { recursive: true });
  await bundle.workspaces.keep(taskId, 2, project, bundle.signal);
  await bundle.workspaces.open(taskId + 1, project, bundle.signal);
  return kept.changed.map(({ status, path }) => `${status} ${path}`);
}

async function begin(bundle: Bundle): Promise<{ project: Project; path: string; canary: Canary }> {
  const project = bundle.repositoryProject({ "a.txt": "one\n", "lib/b.txt": "two\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  return { project, path, canary: canaryOf(bundle) };
}

describe("nothing that an agent can write is run", () => {
  test("traps in the configuration of its own repository and in attributes", async () => {
    using bundle = setup();
    const { project, path, canary } = await begin(bundle);
    trap(join(path, ".git"), canary);
    writeFiles(path, { ".gitattributes": "* filter=trap diff=trap merge=trap\n", "a.txt": "x\n" });
    expect(await useAll(bundle, 7, project)).toEqual(["A .gitattributes", "M a.txt"]);
    await bundle.workspaces.discard(7);
    expect(canary.sang()).toBe(false);
    const [trashed = ""] = readdirSync(bundle.trash);
    expectArmed(join(bundle.trash, trashed), canary);
  });

  test.each(["file", "link"])("its .git replaced by a %s that leads elsewhere", async (kind) => {
    using bundle = setup();
    const { project, path, canary } = await begin(bundle);
    const elsewhere = join(bundle.root, "elsewhere");
    renameSync(join(path, ".git"), elsewhere);
    trap(elsewhere, canary);
    if (kind === "link") symlinkSync(elsewhere, join(path, ".git"));
    else writeFileSync(join(path, ".git"), `gitdir: ${elsewhere}\n`);
    writeFiles(path, { "a.txt": "x\n" });
    expect(await useAll(bundle, 7, project)).toEqual(["M a.txt"]);
    expectArmed(path, canary);
  });

  test("a nested repository: its files are kept as files, nothing of it runs", async () => {
    using bundle = setup();
    const { project, path, canary } = await begin(bundle);
    for (const place of ["lib", "new/inner", "new/inner/deeper", "unborn"]) {
      const folder = join(path, place);
      writeFiles(folder, { "n.txt": `in ${place}\n`, ".gitattributes": "* filter=trap\n" });
      git(folder, "init", "-q");
      if (place !== "unborn") {
        git(folder, "add", "n.txt");
        git(folder, "commit", "-q", "-m", "nested");
      }
      writeFiles(folder, { "dirty.txt": "x\n" });
      trap(join(folder, ".git"), canary);
    }
    expect(await useAll(bundle, 7, project)).toEqual([
      "A lib/.gitattributes",
      "A lib/dirty.txt",
      "A lib/n.txt",
      "A new/inner/.gitattributes",
      "A new/inner/deeper/.gitattributes",
      "A new/inner/deeper/dirty.txt",
      "A new/inner/deeper/n.txt",
      "A new/inner/dirty.txt",
      "A new/inner/n.txt",
      "A unborn/.gitattributes",
      "A unborn/dirty.txt",
      "A unborn/n.txt",
    ]);
    expect(inside(bundle, "app", "show", "refs/sleepless/keep/7/1:new/inner/deeper/n.txt")).toBe(
      "in new/inner/deeper",
    );
    expectArmed(join(path, "new/inner"), canary);
  });

  test("a tracked file replaced by a nested repository", async () => {
    using bundle = setup();
    const { project, path, canary } = await begin(bundle);
    rmSync(join(path, "a.txt"));
    writeFiles(join(path, "a.txt"), { "n.txt": "n\n" });
    git(join(path, "a.txt"), "init", "-q");
    git(join(path, "a.txt"), "add", "-A");
    git(join(path, "a.txt"), "commit", "-q", "-m", "nested");
    trap(join(path, "a.txt", ".git"), canary);
    expect(await useAll(bundle, 7, project)).toEqual(["D a.txt", "A a.txt/n.txt"]);
    expectArmed(join(path, "a.txt"), canary);
  });

  test("a submodule that the agent filled: its files are kept, an empty one stays what it was", async () => {
    using bundle = setup();
    const canary = canaryOf(bundle);
    const project = bundle.repositoryProject({ "a.txt": "one\n" });
    const head = git(project.location, "rev-parse", "HEAD").trim();
    for (const name of ["sub", "untouched", "gone"]) {
      git(project.location, "update-index", "--add", "--cacheinfo", `160000,${head},${name}`);
    }
    git(project.location, "commit", "-q", "-m", "with submodules");
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    const sub = join(path, "sub");
    git(path, "clone", "-q", project.location, sub);
    git(sub, "reset", "-q", "--hard", head);
    writeFiles(sub, { "dirty.txt": "x\n", ".gitattributes": "* filter=trap\n" });
    trap(join(sub, ".git"), canary);
    rmSync(join(path, "gone"), { recursive: true });
    expect(await useAll(bundle, 7, project)).toEqual([
      "D gone",
      "D sub",
      "A sub/.gitattributes",
      "A sub/a.txt",
      "A sub/dirty.txt",
    ]);
    expectArmed(sub, canary);
  });

  test("a project whose own repository is trapped can be brought in", async () => {
    using bundle = setup();
    const canary = canaryOf(bundle);
    const project = bundle.repositoryProject({
      "a.txt": "one\n",
      ".gitattributes": "* filter=trap\n",
    });
    trap(join(project.location, ".git"), canary);
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("one\n");
    expectArmed(project.location, canary);
  });

  test("a configuration of ours that was written by others is put right before it is used", async () => {
    using bundle = setup();
    const { project, path, canary } = await begin(bundle);
    const ours = join(bundle.repositories, "app.git");
    const hooks = join(bundle.root, "hooks");
    writeFileSync(join(ours, "config"), `[core]\n\tbare = true\n${trapsOf(canary, hooks)}`);
    writeFiles(path, { ".gitattributes": "* filter=trap\n", "a.txt": "x\n" });
    expect(await useAll(bundle, 7, project)).toEqual(["A .gitattributes", "M a.txt"]);
    expect(canary.sang()).toBe(false);
  });
});

describe("no damage to its .git keeps the agent's work from being kept", () => {
  const damages: Record<string, (gitDir: string) => void> = {
    deleted: (gitDir) => {
      rmSync(gitDir, { recursive: true });
    },
    "without objects and with foreign alternates": (gitDir) => {
      rmSync(join(gitDir, "objects"), { recursive: true });
      writeFiles(join(gitDir, "objects", "info"), { alternates: "/etc\n../../../../..\n" });
    },
    "a pipe": (gitDir) => {
      rmSync(gitDir, { recursive: true });
      git("/", "-c", `alias.fifo=!mkfifo '${gitDir}'`, "fifo");
    },
    "with a broken configuration, index and head": (gitDir) => {
      for (const name of ["config", "index", "HEAD"])
        writeFileSync(join(gitDir, name), "\0broken[");
    },
  };

  test.each(Object.keys(damages))("%s", async (kind) => {
    using bundle = setup();
    const { project, path } = await begin(bundle);
    damages[kind]?.(join(path, ".git"));
    writeFiles(path, { "a.txt": "x\n", "new.txt": "y\n" });
    expect(await useAll(bundle, 7, project)).toEqual(["M a.txt", "A new.txt"]);
  });

  test("the folder itself replaced by a link: nothing behind the link is kept or moved", async () => {
    using bundle = setup();
    const { project, path } = await begin(bundle);
    const victim = join(bundle.root, "victim");
    writeFiles(victim, { "secret.txt": "canary\n" });
    rmSync(path, { recursive: true });
    symlinkSync(victim, path);
    await expect(bundle.workspaces.keep(7, 1, project, bundle.signal)).rejects.toMatchObject({
      failure: "crash",
    });
    const again = await bundle.workspaces.open(7, project, bundle.signal);
    expect(again.reused).toBe(false);
    expect(readdirSync(victim)).toEqual(["secret.txt"]);
    expect(existsSync(join(path, "secret.txt"))).toBe(false);
  });
});
