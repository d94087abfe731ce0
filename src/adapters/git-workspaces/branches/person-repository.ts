import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Place } from "../place.ts";
import { type Repository, setRef } from "../repository.ts";

/** A repository of a person on this machine. */
export interface PersonRepository {
  /** Its own folder, shared by all its work trees. */
  readonly gitDir: string;
  /** False when its files belong to somebody else: what we wrote there they could not change. */
  readonly isWritable: boolean;
}

/** A branch in it; nulls for one that is not there or not checked out. */
export interface PersonBranch {
  readonly tip: string | null;
  readonly workTree: string | null;
}

const FETCH_TIMEOUT_MS = 1_800_000;

/** Finds the repository at a project's folder. Runs nothing that its configuration names. */
export async function personRepository(
  { shelf }: Place,
  location: string,
  signal: AbortSignal,
): Promise<PersonRepository> {
  const args = ["rev-parse", "--git-common-dir"];
  const said = await shelf.git.must({ args, cwd: location }, signal);
  const gitDir = resolve(location, said.toString().trim());
  const { uid } = await stat(gitDir);
  return { gitDir, isWritable: uid === process.getuid?.() };
}

/** Looks at a branch. */
export async function personBranch(
  { shelf }: Place,
  { gitDir }: PersonRepository,
  branch: string,
  signal: AbortSignal,
): Promise<PersonBranch> {
  const format = "--format=%(objectname) %(worktreepath)";
  const args = ["for-each-ref", format, `refs/heads/${branch}`];
  const said = await shelf.git.must({ args, gitDir, cwd: gitDir }, signal);
  const [line = ""] = said.toString().split("\n");
  const [tip = "", ...path] = line.split(" ");
  const workTree = path.join(" ");
  return { tip: tip === "" ? null : tip, workTree: workTree === "" ? null : workTree };
}

/** Brings a commit's objects there and no ref: by a fetch, which runs no hook of theirs. */
export async function bringObjects(
  { shelf, lock }: Place,
  repository: Repository,
  { gitDir }: PersonRepository,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  const ref = `refs/sleepless/out/${randomUUID()}`;
  await lock(repository.name, () => setRef(shelf, repository, ref, commit, signal));
  try {
    const args = [
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-auto-maintenance",
    ];
    const call = { gitDir, cwd: gitDir, timeoutMs: FETCH_TIMEOUT_MS };
    await shelf.git.must({ ...call, args: [...args, repository.gitDir, ref] }, signal);
  } finally {
    const { signal: always } = new AbortController();
    await lock(repository.name, () => setRef(shelf, repository, ref, null, always));
  }
}

/** Points a branch at a commit, or removes it for null, only if it still is what it was seen to be. */
export async function moveBranch(
  { shelf }: Place,
  { gitDir }: PersonRepository,
  { branch, from, to }: { branch: string; from: string | null; to: string | null },
  signal: AbortSignal,
): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const move = to === null ? ["-d", ref, from ?? ""] : [ref, to, from ?? "0".repeat(40)];
  const args = ["update-ref", "--create-reflog", "-m", "sleepless-agent", ...move];
  const answer = await shelf.git.run({ args, gitDir, cwd: gitDir }, signal);
  return answer.code === 0;
}
