import { randomUUID } from "node:crypto";
import { opendir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Cone, inCone } from "../../core/cone.ts";
import type { LeftOut } from "../../ports/workspaces.ts";
import { agentsIndex, takeBlobs } from "./agents-index.ts";
import { type CaptureIndex, captureIndex } from "./capture-index.ts";
import { coneInBytes, coneNow, leaveOutside } from "./cone.ts";
import { isEmptyOrGone, type LookedAt, lookAt, makeReadable, unlockFolder } from "./look.ts";
import { type EntryRecord, entryOf } from "./records.ts";
import { privateFolder, type Repository, type Shelf } from "./repository.ts";

/** A folder whose state is to become a tree, and what it began from. */
export interface CaptureTarget {
  readonly repository: Repository;
  readonly workTree: string;
  /** Commit whose files count as known; null for none. */
  readonly base: string | null;
  /** An index that was written while only we had touched the folder; saves reading every file. */
  readonly seedIndex: string | null;
  /** Folders that were checked out, besides the files beside and above them; null: all. */
  readonly cone: Cone | null;
  /** Whether we may change rights in the folder to read it: true for folders of ours. */
  readonly isOurs: boolean;
}

/** A stored tree and what is not in it. */
export interface Captured {
  readonly tree: string;
  /** True when the tree is surely that of the base; false may mean that too. */
  readonly isBase: boolean;
  readonly leftOut: readonly LeftOut[];
  /** The folders that were checked out, with those that the agent added; null: all. */
  readonly cone: Cone | null;
}

/** The tree without a file, which every git knows. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Repositories within repositories: how deep they are followed and how many are at one level. */
const NESTING_MAX = 5;
const NESTED_MAX = 100;
const GITLINK = "160000";

/**
 * Stores the state of a folder as a tree: every file that no `.gitignore` excludes, the content of
 * nested repositories among them. The folder's own `.git` is never looked at; its `.gitattributes`
 * only choose line endings and encodings, and when even that goes wrong bytes are stored as they are.
 */
export async function captureTree(
  shelf: Shelf,
  target: CaptureTarget,
  signal: AbortSignal,
): Promise<Captured> {
  if (target.isOurs) await unlockFolder(target.workTree);
  const ways: readonly Way[] = [
    { isRaw: false, isMended: false },
    { isRaw: false, isMended: true },
    { isRaw: true, isMended: true },
  ];
  let complaint = "";
  for (const way of ways) {
    if (way.isMended && target.isOurs) await makeReadable(target.workTree);
    const result = await captureOnce({ shelf, target, way, depth: 0, signal });
    if (result.ok) return result.captured;
    ({ complaint } = result);
  }
  throw new Error(`The files in ${target.workTree} cannot be stored: ${complaint}`);
}

/** The state of a folder with nothing but a `.git` in it: no git is needed to say what its tree is. */
export async function capturedEmpty(target: CaptureTarget): Promise<Captured | null> {
  const { workTree, base, cone } = target;
  if (cone !== null) return null;
  try {
    for await (const { name } of await opendir(workTree)) if (name !== ".git") return null;
    return { tree: EMPTY_TREE, isBase: base === null, leftOut: [], cone };
  } catch {
    return null;
  }
}

/** How a capture is made. */
interface Way {
  /** Bytes as they are, whatever `.gitattributes` say. */
  readonly isRaw: boolean;
  /** We have given ourselves every right we can: what cannot be read now is left out and told. */
  readonly isMended: boolean;
}

type CaptureResult =
  | { readonly ok: true; readonly captured: Captured }
  | { readonly ok: false; readonly complaint: string };

interface Capture {
  readonly shelf: Shelf;
  readonly target: CaptureTarget;
  readonly way: Way;
  readonly depth: number;
  readonly signal: AbortSignal;
}

async function captureOnce(capture: Capture): Promise<CaptureResult> {
  const { shelf, target, way, signal } = capture;
  const path = join(privateFolder(shelf), `index-${randomUUID()}`);
  const index = await captureIndex(shelf, { ...target, path, isRaw: way.isRaw }, signal);
  try {
    const links = target.base === null ? [] : await withoutGitlinks(index);
    const leftOut: LeftOut[] = [];
    const { cone, isChanged } = await takePart(index, capture, leftOut);
    const tracked = await takeTracked(index, capture, leftOut);
    if (!tracked.ok) return tracked;
    const untracked = await takeUntracked(index, capture, tracked.isChanged, leftOut);
    if (!untracked.ok) return untracked;
    await putBackGitlinks(index, target.workTree, cone, links);
    const isBase = !isChanged && !tracked.isChanged && !untracked.isChanged && links.length === 0;
    return { ok: true, captured: { tree: await index.writeTree(), isBase, leftOut, cone } };
  } finally {
    await rm(path, { force: true });
    await rm(`${path}.lock`, { force: true });
  }
}

/**
 * Takes entries for other repositories out of the index before anything is compared: git would run
 * inside those repositories, under a configuration that an agent may have written.
 */
async function withoutGitlinks(index: CaptureIndex): Promise<readonly EntryRecord[]> {
  const entries = (await index.entries()).map(entryOf);
  const links = entries.filter(({ mode }) => mode === GITLINK);
  await index.remove(links.map(({ path }) => path));
  return links;
}

/** What is not checked out is as it was, but for what the agent's git did to it. */
async function takePart(
  index: CaptureIndex,
  { shelf, target, signal }: Capture,
  leftOut: LeftOut[],
): Promise<{ readonly cone: Cone | null; readonly isChanged: boolean }> {
  const { workTree, cone: made } = target;
  if (made === null) return { cone: null, isChanged: false };
  const cone = await coneNow(workTree, made);
  const theirs = cone === null ? null : await agentsIndex(shelf, target, signal);
  const { changed, removed } = await leaveOutside(index, workTree, cone, theirs);
  await index.remove(removed);
  if (changed.length === 0) return { cone, isChanged: removed.length > 0 };
  const has = await takeBlobs(shelf, target, changed, signal);
  const known = changed.filter(({ hash }) => has.has(hash));
  const lost = changed.filter(({ hash }) => !has.has(hash));
  tell(leftOut, { tooLarge: [], unreadable: lost.map(({ path }) => path) });
  await index.putEntries(known);
  await index.leaveAsIs(known.map(({ path }) => path));
  return { cone, isChanged: true };
}

/** A repository that nobody filled is what it was; of a filled one the files have been taken. */
async function putBackGitlinks(
  index: CaptureIndex,
  workTree: string,
  cone: Cone | null,
  links: readonly EntryRecord[],
): Promise<void> {
  const untouched: EntryRecord[] = [];
  const isPart = cone === null ? null : inCone(coneInBytes(cone));
  for (const link of links) {
    const found = await isEmptyOrGone(workTree, link.path);
    const isOutside = isPart !== null && !isPart(link.path.toString("latin1"));
    if (found === "empty" || (found === "gone" && isOutside)) untouched.push(link);
  }
  await index.putEntries(untouched);
}

/** Whether the index is another now than it began, or what went wrong. */
type Taken =
  | { readonly ok: true; readonly isChanged: boolean }
  | { readonly ok: false; readonly complaint: string };

/** Changes of files that the base has. */
async function takeTracked(
  index: CaptureIndex,
  { target, way }: Capture,
  leftOut: LeftOut[],
): Promise<Taken> {
  if (target.base === null) return { ok: true, isChanged: false };
  const { paths, areSomeGone, looked } = await lookAtChanged(index, target.workTree);
  if (paths.length === 0 && !areSomeGone) return { ok: true, isChanged: false };
  if (looked.unreadable.length > 0 && !way.isMended) return UNREADABLE;
  await index.leaveAsIs([...looked.tooLarge, ...looked.unreadable]);
  await index.remove(looked.special);
  tell(leftOut, looked);
  return taken(await index.addTracked(paths.length));
}

/** Files that would be left out are told of only when they are changed for certain. */
async function lookAtChanged(
  index: CaptureIndex,
  workTree: string,
): Promise<Awaited<ReturnType<CaptureIndex["changedFiles"]>> & { readonly looked: LookedAt }> {
  const changed = await index.changedFiles();
  const looked = await lookAt(workTree, changed.paths);
  if (looked.tooLarge.length === 0 && looked.unreadable.length === 0) return { ...changed, looked };
  await index.refresh();
  const again = await index.changedFiles();
  return { ...again, looked: await lookAt(workTree, again.paths) };
}

/** Files that the base does not have, those of nested repositories among them. */
async function takeUntracked(
  index: CaptureIndex,
  capture: Capture,
  isChanged: boolean,
  leftOut: LeftOut[],
): Promise<Taken> {
  const { target, way } = capture;
  // A changed file may have become a repository.
  const links = isChanged ? await withoutGitlinks(index) : [];
  const { paths, unopened } = await index.untracked();
  const [closed] = unopened;
  if (closed !== undefined && !way.isMended) {
    return { ok: false, complaint: `${closed} cannot be opened` };
  }
  for (const path of unopened) leftOut.push({ path, reason: "unreadable" });
  const isNested = (path: Buffer): boolean => path.at(-1) === SLASH;
  const looked = await lookAt(
    target.workTree,
    paths.filter((path) => !isNested(path)),
  );
  if (looked.unreadable.length > 0 && !way.isMended) return UNREADABLE;
  tell(leftOut, looked);
  const added = await index.addUntracked(looked.plain);
  if (added.complaint !== null) return { ok: false, complaint: added.complaint };
  for (const path of added.refused) leftOut.push({ path: path.toString(), reason: "unnamable" });
  const nested = [...links.map(({ path }) => path), ...paths.filter(isNested).map(withoutSlash)];
  const complaint = await takeNested(index, capture, uniquePaths(nested), leftOut);
  if (complaint !== null) return { ok: false, complaint };
  return { ok: true, isChanged: paths.length > 0 || nested.length > 0 || unopened.length > 0 };
}

const UNREADABLE: Taken = { ok: false, complaint: "some files cannot be read" };

function taken(complaint: string | null): Taken {
  return complaint === null ? { ok: true, isChanged: true } : { ok: false, complaint };
}

async function takeNested(
  index: CaptureIndex,
  { shelf, target, way, depth, signal }: Capture,
  nested: readonly Buffer[],
  leftOut: LeftOut[],
): Promise<string | null> {
  for (const [number, path] of nested.entries()) {
    const name = path.toString();
    if (!Buffer.from(name).equals(path)) {
      leftOut.push({ path: name, reason: "unnamable" });
    } else if (depth >= NESTING_MAX || number >= NESTED_MAX) {
      leftOut.push({ path: name, reason: "too-deep" });
    } else {
      const inner = {
        ...target,
        workTree: join(target.workTree, name),
        base: null,
        seedIndex: null,
        cone: null,
      };
      const result = await captureOnce({ shelf, target: inner, way, depth: depth + 1, signal });
      if (!result.ok) return result.complaint;
      await index.putTree(path, result.captured.tree);
      for (const left of result.captured.leftOut) {
        leftOut.push({ ...left, path: `${name}/${left.path}` });
      }
    }
  }
  return null;
}

function tell(leftOut: LeftOut[], looked: Pick<LookedAt, "tooLarge" | "unreadable">): void {
  for (const path of looked.tooLarge) leftOut.push({ path: path.toString(), reason: "too-large" });
  for (const path of looked.unreadable)
    leftOut.push({ path: path.toString(), reason: "unreadable" });
}

const SLASH = 0x2f;

function withoutSlash(path: Buffer): Buffer {
  return path.subarray(0, -1);
}

function uniquePaths(paths: readonly Buffer[]): readonly Buffer[] {
  return [...new Map(paths.map((path) => [path.toString("latin1"), path])).values()];
}
