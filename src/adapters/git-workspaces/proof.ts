import { isFolder } from "./folder.ts";
import { ARCHIVE_NAME, findRef, type KeptCommit, keptStates } from "./kept-states.ts";
import { type Place, trashRef } from "./place.ts";
import { type Repository, setRef } from "./repository.ts";

/** Names that folders of tasks have in the trash. */
const WORKSPACE = /^(\d{1,15})-\d{8}T\d{6}Z-[0-9a-f]{8}$/u;
const WALK_TIMEOUT_MS = 1_800_000;

/**
 * Why what lies in the trash under this name must stay: null when it is no folder of a task, or when
 * every object of its kept state, and of the archive beside it, is there and reachable from a ref.
 */
export async function whyItStays(
  place: Place,
  name: string,
  signal: AbortSignal,
): Promise<string | null> {
  const taskId = WORKSPACE.exec(name)?.[1];
  if (taskId === undefined) return null;
  const noted = await findRef(place.shelf, trashRef(name), signal);
  if (noted !== null) {
    const states = await keptStates(place.shelf, noted.repository, Number(taskId), signal);
    const state = states.find(({ commit }) => commit === noted.commit);
    return state === undefined ? "its kept state has no ref any more" : prove(place, state, signal);
  }
  // What is no folder holds nothing: a link that an agent put in its place.
  if (!(await isFolder(`${place.trash}/${name}`))) return null;
  return "no kept state is noted for it";
}

/** Forgets which state lay under a name, once nothing does. */
export async function forgetTrashed(
  { shelf, lock }: Place,
  repository: Repository,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  await lock(repository.name, () => setRef(shelf, repository, trashRef(name), null, signal));
}

async function prove(
  { shelf }: Place,
  { repository, commit, base, aside, asideCommit }: KeptCommit,
  signal: AbortSignal,
): Promise<string | null> {
  if (aside === "unknown") return "it was kept by a version that did not keep git's own state";
  if (aside.lost > 0) return `${aside.lost} of its files could not be kept`;
  const { gitDir } = repository;
  const run = async (args: readonly string[]): Promise<{ ok: boolean; said: string }> => {
    const call = { args, gitDir, cwd: gitDir, timeoutMs: WALK_TIMEOUT_MS };
    const { code, stdout, stderr } = await shelf.git.run(call, signal);
    const said = code === 0 ? stdout.toString("latin1") : stderr;
    return { ok: code === 0, said: said.trim().split("\n", 1)[0] ?? "" };
  };
  if (aside.blob !== null) {
    if (asideCommit === null) return "what was set aside of it has no ref any more";
    const found = await run(["rev-parse", "--verify", "--quiet", `${asideCommit}:${ARCHIVE_NAME}`]);
    if (found.said !== aside.blob) return "what was set aside of it is not what was noted";
  }
  const roots = [commit, base, ...(asideCommit === null ? [] : [asideCommit])];
  // The whole trees, without the history that they stand on: that is the project's.
  const walked = await run(["rev-list", "--objects", "--quiet", "--no-walk", ...roots]);
  return walked.ok ? null : `its kept state is not whole: ${walked.said}`;
}
