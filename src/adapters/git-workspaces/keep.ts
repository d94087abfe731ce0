import { join } from "node:path";
import type { LeftOut } from "../../ports/workspaces.ts";
import { type CapturedWhole, captureFenced } from "./fenced-capture.ts";
import { seedIndexPath } from "./folder.ts";
import {
  ARCHIVE_NAME,
  asideMessage,
  type KeptCommit,
  keptMessage,
  keptStates,
} from "./kept-states.ts";
import { isAsMade } from "./made-git.ts";
import { asideRef, beforeRef, folderOf, keepRef, type Place } from "./place.ts";
import { recordedCone } from "./recorded-cone.ts";
import { commitTree, type Repository, SCRATCH, setRef, type Shelf } from "./repository.ts";

/** The attempt under whose number is kept what was there when a folder was discarded. */
export const DISCARDED = 0;

/** Whose state is kept, and where. */
export interface KeepSpec {
  readonly taskId: number;
  readonly attempt: number;
  readonly repository: Repository;
  /** The commit that the work began from. */
  readonly base: string;
  /** States that need no ref of their own because they have one; null: all are to have one. */
  readonly known: readonly KeptCommit[] | null;
}

/** A state under its ref. */
export interface KeptState {
  readonly ref: string;
  readonly commit: string;
  /** True when nothing is surely other than in the base. */
  readonly isBase: boolean;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Stores the state of a task's folder as a commit on its base, under a private ref, and what no tree
 * holds of it (git's own state, ignored files) as an archive under another, with which nothing of it
 * is ever published. A state that the attempt had before keeps a ref.
 */
export async function keepState(
  place: Place,
  { taskId, attempt, repository, base, known }: KeepSpec,
  signal: AbortSignal,
): Promise<KeptState> {
  const { shelf } = place;
  const workTree = folderOf(place, taskId);
  const seedIndex = seedIndexPath(shelf, repository, taskId);
  // What thoughts begin from has no file in it.
  const filesFrom = repository.name === SCRATCH ? null : base;
  const cone = await recordedCone(shelf, repository, taskId, signal);
  const target = { repository, workTree, base: filesFrom, seedIndex, cone, isOurs: true };
  // The last state is kept whole: nobody waits for it.
  const isGitAsMade =
    attempt !== DISCARDED && (await isAsMade(shelf, repository, taskId, join(workTree, ".git")));
  const whole = await captureFenced(place, target, isGitAsMade, signal);
  const { tree, isBase, aside } = whole;
  const leftOut = uniqueLeftOut([...whole.leftOut, ...aside.lost]);
  const found = known?.find((each) => isSame(each, whole));
  if (found !== undefined && aside.lost.length === 0) {
    return { ref: keepRef(taskId, found.attempt), commit: found.commit, isBase, leftOut };
  }
  const message = keptMessage({ taskId, attempt }, whole);
  const made = { tree, parent: base, message, at: place.now() };
  const commit = await commitTree(shelf, repository, made, signal);
  const archive =
    aside.blob === null
      ? null
      : await commitArchive(place, { taskId, attempt, repository }, commit, aside.blob, signal);
  await place.lock(repository.name, async () => {
    const states = known ?? (await keptStates(shelf, repository, taskId, signal));
    await saveBefore(shelf, { taskId, attempt, repository }, { commit, states }, signal);
    if (archive !== null) {
      await setRef(shelf, repository, asideRef(taskId, attempt), archive, signal);
    }
    await setRef(shelf, repository, keepRef(taskId, attempt), commit, signal);
  });
  return { ref: keepRef(taskId, attempt), commit, isBase, leftOut };
}

function isSame(
  { tree, cone, aside, asideCommit }: KeptCommit,
  { tree: otherTree, cone: otherCone, aside: { blob } }: CapturedWhole,
): boolean {
  if (tree !== otherTree || aside === "unknown" || aside.lost > 0) return false;
  if (JSON.stringify(cone) !== JSON.stringify(otherCone)) return false;
  return aside.blob === blob && (blob === null || asideCommit !== null);
}

type Which = Pick<KeepSpec, "taskId" | "attempt" | "repository">;

async function commitArchive(
  { shelf, now }: Place,
  { taskId, attempt, repository }: Which,
  kept: string,
  blob: string,
  signal: AbortSignal,
): Promise<string> {
  const { gitDir } = repository;
  const input = Buffer.from(`100644 blob ${blob}\t${ARCHIVE_NAME}\0`);
  const tree = await shelf.git.must({ args: ["mktree", "-z"], gitDir, cwd: gitDir, input }, signal);
  const message = asideMessage({ taskId, attempt }, kept);
  const parts = { tree: tree.toString("latin1").trim(), parent: null, message, at: now() };
  return commitTree(shelf, repository, parts, signal);
}

/** Gives what the attempt's refs name now refs that nothing overwrites. */
async function saveBefore(
  shelf: Shelf,
  { taskId, attempt, repository }: Which,
  { commit, states }: { readonly commit: string; readonly states: readonly KeptCommit[] },
  signal: AbortSignal,
): Promise<void> {
  const before = states.find((each) => each.isCurrent && each.attempt === attempt);
  if (before === undefined || before.commit === commit) return;
  if (before.asideCommit !== null) {
    const ref = beforeRef("aside", taskId, before.commit);
    await setRef(shelf, repository, ref, before.asideCommit, signal);
  }
  await setRef(shelf, repository, beforeRef("keep", taskId, before.commit), before.commit, signal);
}

function uniqueLeftOut(all: readonly LeftOut[]): readonly LeftOut[] {
  return [...new Map(all.map((each) => [each.path, each])).values()];
}
