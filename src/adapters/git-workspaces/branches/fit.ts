import type { Fit } from "../../../ports/branches.ts";
import { changesBetween } from "../changes.ts";
import { GitFailed } from "../git.ts";
import type { Place } from "../place.ts";
import { splitRecords } from "../records.ts";
import { commitTree, type Repository, setRef } from "../repository.ts";

/** A state to put on another base; its first parent is what it began from. */
export interface FitSpec {
  readonly taskId: number;
  readonly commit: string;
  readonly message: string;
}

const MERGE_TIMEOUT_MS = 600_000;
const NAMES_BYTES_MAX = 16 * 1024 * 1024;
/** What an agent is shown of a conflict; it has the files, too. */
const HUNKS_BYTES_MAX = 6000;
const HASH = /^[0-9a-f]{40}$/u;

/** Puts a state on top of `onto` by a three-way merge that touches no folder. */
export async function fitOnto(
  place: Place,
  repository: Repository,
  spec: FitSpec,
  onto: string,
  signal: AbortSignal,
): Promise<Fit> {
  const { shelf, now } = place;
  const parent = await parentOf(place, repository, spec.commit, signal);
  if (parent === onto) return fitted(place, repository, onto, spec.commit, signal);
  const merged = await mergeTrees(place, repository, onto, spec.commit, signal);
  if (merged === null) return { type: "unrelated", base: onto };
  const { tree, paths } = merged;
  if (paths.length > 0) {
    const hunks = await hunksOf(place, repository, { from: spec.commit, tree, paths }, signal);
    return { type: "conflict", base: onto, paths, hunks };
  }
  const made = { tree, parent: onto, message: spec.message, at: now() };
  const commit = await commitTree(shelf, repository, made, signal);
  await place.lock(repository.name, () =>
    setRef(shelf, repository, `refs/sleepless/fit/${spec.taskId}`, commit, signal),
  );
  return fitted(place, repository, onto, commit, signal);
}

/** A merge as a tree; files in conflict hold both versions, as git marks them. Null for no common history. */
export async function mergeTrees(
  { shelf }: Place,
  { gitDir }: Repository,
  ours: string,
  theirs: string,
  signal: AbortSignal,
): Promise<{ readonly tree: string; readonly paths: readonly string[] } | null> {
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs];
  const call = { args, gitDir, cwd: gitDir, maxBytes: NAMES_BYTES_MAX };
  const settings = ["merge.conflictStyle=diff3", "merge.renameLimit=2000"];
  const answer = await shelf.git.run({ ...call, settings, timeoutMs: MERGE_TIMEOUT_MS }, signal);
  if (answer.stderr.includes("unrelated histories")) return null;
  const [tree = "", ...names] = splitRecords(answer.stdout).map((record) => record.toString());
  // A commit that is not there ends with 1 as well; then there is no tree.
  if (answer.code > 1 || !HASH.test(tree)) {
    throw new GitFailed(`git merge-tree failed: ${answer.stderr.trim()}`, answer.stderr);
  }
  return { tree, paths: answer.code === 0 ? [] : names.filter((name) => name !== "") };
}

/** Merges two commits without a folder; null when they collide or have nothing in common. */
export async function mergeCommits(
  place: Place,
  repository: Repository,
  into: string,
  other: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { shelf, now } = place;
  const merged = await mergeTrees(place, repository, into, other, signal);
  if (merged === null || merged.paths.length > 0) return null;
  const { gitDir } = repository;
  const args = ["commit-tree", "-p", into, "-p", other, "-m", "Tried together", merged.tree];
  const date = `@${Math.floor(now() / 1000)} +0000`;
  const made = await shelf.git.must({ args, gitDir, cwd: gitDir, date }, signal);
  return made.toString("latin1").trim();
}

async function fitted(
  { shelf }: Place,
  repository: Repository,
  base: string,
  commit: string,
  signal: AbortSignal,
): Promise<Fit> {
  const { changed, insertions, deletions } = await changesBetween(
    shelf,
    repository,
    base,
    commit,
    signal,
  );
  return { type: "fits", base, commit, changed, insertions, deletions };
}

async function parentOf(
  { shelf }: Place,
  { gitDir }: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^`];
  const said = await shelf.git.must({ args, gitDir, cwd: gitDir }, signal);
  return said.toString("latin1").trim();
}

/** What the merge makes of the agent's own version: the marks, and what others wrote there. */
async function hunksOf(
  { shelf }: Place,
  { gitDir }: Repository,
  { from, tree, paths }: { from: string; tree: string; paths: readonly string[] },
  signal: AbortSignal,
): Promise<string> {
  const compare = ["diff-tree", "-r", "-p", "--no-color", "--no-ext-diff", "--no-textconv"];
  const args = [...compare, "--ignore-submodules", from, tree, "--", ...paths.slice(0, 20)];
  const call = { args, gitDir, cwd: gitDir, maxBytes: HUNKS_BYTES_MAX };
  const answer = await shelf.git.run(call, signal);
  return new TextDecoder().decode(answer.stdout, { stream: answer.isCut });
}
