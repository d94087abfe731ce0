import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type {
  RestoreAnswer,
  Restored,
  RestoreRefusal,
  RestoreRequest,
} from "../../ports/workspaces.ts";
import { discardFolder } from "./discard.ts";
import { makeFolder, moveToTrash, seedIndexPath } from "./folder.ts";
import { allKeptStates, type KeptCommit } from "./kept-states.ts";
import { giveTo, ownerHere } from "./owner.ts";
import { baseRef, folderOf, type Place } from "./place.ts";
import { forgetTrashed } from "./proof.ts";
import { recordCone } from "./recorded-cone.ts";
import { privateFolder, SCRATCH, setRef } from "./repository.ts";
import { restoreBytes } from "./restore.ts";
import { trashedAs } from "./trashed.ts";
import { unpack } from "./unpack.ts";

/**
 * Brings a kept state of a task back, byte for byte: as the task's folder, or as files alone in a new
 * one. What lies in the trash whole is taken from there; all else is made from what was kept.
 */
export async function restoreWorkspace(
  place: Place,
  taskId: number,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<RestoreAnswer> {
  const states = await allKeptStates(place.shelf, taskId, signal);
  const state = chosen(states, request.state);
  if (state === undefined) {
    return refuse({ reason: states.length === 0 ? "nothing-kept" : "no-such-state" });
  }
  if (request.into !== null) return restoreInto(place, state, request.into, signal);
  const path = folderOf(place, taskId);
  if (!(await isFree(path))) {
    if (!request.replace) return refuse({ reason: "in-the-way", path });
    await discardFolder(place, taskId, signal);
  }
  const trashed = await trashedAs(place, state, signal);
  if (trashed !== null) return takeFromTrash(place, state, trashed, path, signal);
  return makeAgain(place, state, path, signal);
}

/** Newest first; the newest when nothing else is asked for. */
function chosen(
  states: readonly KeptCommit[],
  asked: RestoreRequest["state"],
): KeptCommit | undefined {
  if (asked === null) return states[0];
  if (typeof asked === "number") {
    return states.find(({ attempt, isCurrent }) => isCurrent && attempt === asked);
  }
  return states.find(({ commit }) => commit.startsWith(asked));
}

/** True for nothing, and for an empty folder, which goes. */
async function isFree(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return true;
  return (
    found.isDirectory() &&
    (await rmdir(path).then(
      () => true,
      () => false,
    ))
  );
}

async function takeFromTrash(
  place: Place,
  state: KeptCommit,
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<RestoreAnswer> {
  const { trash } = place;
  // Before the folder is there: a daemon that finds one without it puts it aside.
  await noteMadeFrom(place, state, signal);
  if (!(await moved(join(trash, name), path))) return refuse({ reason: "in-the-way", path });
  await forgetTrashed(place, state.repository, name, signal);
  return told(state, { path, from: "trash", gitState: "restored", gitStatePath: null });
}

/** What a folder that is made by opening has from then on. */
async function noteMadeFrom(
  { shelf }: Place,
  { repository, taskId, base, cone }: KeptCommit,
  signal: AbortSignal,
): Promise<void> {
  await recordCone(shelf, repository, taskId, cone, signal);
  await setRef(shelf, repository, baseRef(taskId), base, signal);
}

async function makeAgain(
  place: Place,
  state: KeptCommit,
  path: string,
  signal: AbortSignal,
): Promise<RestoreAnswer> {
  const { trash } = place;
  const fresh = `${path}.restoring-${randomUUID()}`;
  try {
    const hasArchive = await writeState(place, state, fresh, null, signal);
    if (!hasArchive) await makeGitAnew(place, state, fresh, signal);
    await noteMadeFrom(place, state, signal);
    if (!(await moved(fresh, path))) return refuse({ reason: "in-the-way", path });
    const gitState = hasArchive ? "restored" : "made-anew";
    return told(state, { path, from: "kept", gitState, gitStatePath: null });
  } finally {
    await moveToTrash(fresh, trash, `deleting-restore-${randomUUID()}`);
  }
}

async function restoreInto(
  place: Place,
  state: KeptCommit,
  into: string,
  signal: AbortSignal,
): Promise<RestoreAnswer> {
  const beside = `${into}.git-state.tar`;
  for (const path of [into, beside]) {
    if (!(await isFree(path))) return refuse({ reason: "in-the-way", path });
  }
  if ((await stat(dirname(into)).catch(() => null))?.isDirectory() !== true) {
    return refuse({ reason: "no-parent", path: into });
  }
  const hasArchive = await writeState(place, state, into, beside, signal).catch(async (error) => {
    await rm(into, { recursive: true, force: true });
    throw error;
  });
  // Behind the fence of a root daemon it became another user's.
  await giveTo(into, ownerHere());
  return told(state, {
    path: into,
    from: "kept",
    gitState: hasArchive ? "beside" : "made-anew",
    gitStatePath: hasArchive ? beside : null,
  });
}

/**
 * Writes a state into a folder that is not there yet; answers whether an archive is part of it. With
 * `beside` the archive stays there, and no `.git` of it is unpacked.
 */
async function writeState(
  place: Place,
  { repository, commit, cone, aside, asideCommit }: KeptCommit,
  into: string,
  beside: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  const { shelf } = place;
  const umask = aside === "unknown" ? process.umask() : aside.umask;
  await mkdir(into);
  await chmod(into, 0o777 & ~umask);
  await restoreBytes(shelf, repository, { commit, umask, cone }, into, signal);
  const blob = aside === "unknown" || asideCommit === null ? null : aside.blob;
  if (blob === null) return false;
  const scratch = join(privateFolder(shelf), `restore-${randomUUID()}`);
  await mkdir(scratch, { mode: 0o700 });
  try {
    const archive = join(scratch, "archive");
    // Behind the fence of a root daemon another user reads it.
    await using file = await open(archive, "wx", 0o644);
    const { gitDir } = repository;
    const args = ["cat-file", "blob", blob];
    const call = { args, gitDir, cwd: gitDir, outputFile: file.fd, timeoutMs: WRITE_TIMEOUT_MS };
    await shelf.git.must(call, signal);
    const without = beside === null ? null : ".git";
    await unpack(place, repository, { archive, into, without }, signal);
    if (beside !== null) await copyFile(archive, beside, constants.COPYFILE_EXCL);
    return true;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const WRITE_TIMEOUT_MS = 1_800_000;

/** A `.git` that the agent had left as we made it is made once more. */
async function makeGitAnew(
  { shelf }: Place,
  { repository, taskId, base, cone }: KeptCommit,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const other = `${folder}-git`;
  try {
    const commit = repository.name === SCRATCH ? null : base;
    await makeFolder(shelf, other, { taskId, repository, commit, cone }, signal);
    await rename(join(other, ".git"), join(folder, ".git"));
    // It knows the files of the other folder.
    await rm(seedIndexPath(shelf, repository, taskId), { force: true });
  } finally {
    await rm(other, { recursive: true, force: true });
  }
}

/** False when something came to be there meanwhile. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return false;
    throw error;
  }
}

function told(
  { attempt, commit, aside }: KeptCommit,
  where: Pick<Restored, "path" | "from" | "gitState" | "gitStatePath">,
): RestoreAnswer {
  const gitState = aside === "unknown" && where.from === "kept" ? "not-kept" : where.gitState;
  const lost = aside === "unknown" || where.from === "trash" ? 0 : aside.lost;
  return { ok: true, restored: { ...where, gitState, attempt, commit, lost } };
}

function refuse(refusal: RestoreRefusal): RestoreAnswer {
  return { ok: false, refusal };
}
