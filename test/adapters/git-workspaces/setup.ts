import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CommitIdentity } from "../../../src/adapters/git-workspaces/branches/result-commit.ts";
import {
  type GitWorkspaces,
  gitWorkspaces,
} from "../../../src/adapters/git-workspaces/git-workspaces.ts";
import type { Launcher } from "../../../src/ports/launcher.ts";
import type { Project } from "../../../src/core/project.ts";

/** A home with workspaces, and a place outside of it. */
export interface Bundle extends Disposable {
  readonly root: string;
  readonly tasks: string;
  readonly trash: string;
  readonly repositories: string;
  readonly workspaces: GitWorkspaces;
  readonly signal: AbortSignal;
  /** Makes a git repository with one commit of these files, and a project of it. */
  readonly repositoryProject: (files?: Files, name?: string) => Project;
  /** Makes a plain folder with these files, and a project of it. */
  readonly folderProject: (files?: Files, name?: string) => Project;
}

export type Files = Readonly<Record<string, string>>;

/** In the past, so that what a test has just made never looks like a leftover. */
export const NOW: number = Date.UTC(2026, 0, 15, 22);

/** How the folders of agents are read by the workspaces that `setup` makes. */
export const reading: { fence?: (project: string | null) => Launcher | null } = {};

export function setup(
  program = "git",
  identity?: CommitIdentity,
  folders: readonly string[] = [],
): Bundle {
  const root = mkdtempSync(join(tmpdir(), "sle-git-"));
  const at = (name: string): string => join(root, "home", name);
  const [tasks, trash, repositories] = [at("tasks"), at("trash"), at("data/repositories")];
  for (const path of [tasks, trash, repositories]) mkdirSync(path, { recursive: true });
  const project = (name: string): Project => ({
    name,
    location: join(root, "projects", name),
    base: null,
    parallelMax: 1,
    budget: null,
    checks: [],
    createdAt: NOW,
  });
  return {
    root,
    tasks,
    trash,
    repositories,
    workspaces: gitWorkspaces({
      tasks,
      trash,
      repositories,
      program,
      searchPath: process.env["PATH"] ?? "",
      now: () => NOW,
      foldersOf: () => folders,
      ...(identity === undefined ? {} : { identity: withKey(identity, root) }),
      ...reading,
    }),
    signal: new AbortController().signal,
    repositoryProject: (files = { "a.txt": "one\n" }, name = "app") => {
      const made = project(name);
      writeFiles(made.location, files);
      git(made.location, "init", "-q", "-b", "main");
      git(made.location, "add", "-A");
      git(made.location, "commit", "-q", "-m", "first");
      return made;
    },
    folderProject: (files = { "a.txt": "one\n" }, name = "folder") => {
      const made = project(name);
      writeFiles(made.location, files);
      return made;
    },
    [Symbol.dispose]: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function writeFiles(folder: string, files: Files): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Git as a person or an agent runs it, with its own configuration obeyed. */
export function git(cwd: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=P",
    "-c",
    "user.email=p@example.org",
    "-c",
    "safe.directory=*",
  ];
  return execFileSync("git", [...identity, ...args], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1e9,
  });
}

/** Git on one of our repositories, to see what is in it. */
export function inside(bundle: Bundle, name: string, ...args: string[]): string {
  return git(join(bundle.repositories, `${name}.git`), ...args).trimEnd();
}

export function read(...path: string[]): string {
  return readFileSync(join(...path), "utf8");
}

/** Every path below a folder, relative and in order. */
export function listed(folder: string): readonly string[] {
  return readdirSync(folder, { encoding: "utf8", recursive: true }).toSorted((a, b) =>
    a < b ? -1 : 1,
  );
}

/** Opens a task's folder and answers its path. */
export async function opened(bundle: Bundle, taskId: number, project: Project): Promise<string> {
  return (await bundle.workspaces.open(taskId, project, bundle.signal)).path;
}

/** Writes a file of a repository and commits it. */
export function commitFile(folder: string, name: string, content: string): void {
  writeFiles(folder, { [name]: content });
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", name);
}

/** A key that a test makes later. */
function withKey(identity: CommitIdentity, root: string): CommitIdentity {
  const { signing } = identity;
  if (signing === null) return identity;
  if (signing.format === "ssh") {
    return { ...identity, signing: { ...signing, key: join(root, "key") } };
  }
  const environment = { GNUPGHOME: join(root, "gnupg") };
  return { ...identity, signing: { ...signing, environment } };
}
