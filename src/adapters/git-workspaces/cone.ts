import { constants, lstatSync } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { type Cone, coneOf, folderName, foldersAbove, inCone } from "../../core/cone.ts";
import type { AgentsIndex } from "./agents-index.ts";
import type { CaptureIndex } from "./capture-index.ts";
import { type EntryRecord, entryOf } from "./records.ts";

/** Where git reads, in a `.git`, which folders are checked out. */
export const PATTERNS_FILE = "info/sparse-checkout";

/** What stands there, in the form that `git sparse-checkout` writes and adds to. */
export function patternsOf(cone: Cone): string {
  const parents = new Set(cone.flatMap((folder) => foldersAbove(folder).toReversed()));
  const lines = [...parents].flatMap((folder) => [`/${folder}/`, `!/${folder}/*/`]);
  return `${["/*", "!/*/", ...lines, ...cone.map((folder) => `/${folder}/`)].join("\n")}\n`;
}

/** The folders of such a file; null when it has another form, or asks for everything. */
export function coneInPatterns(text: string): Cone | null {
  const [all, butFolders, ...lines] = text.trimEnd().split("\n");
  if (all !== "/*" || butFolders !== "!/*/") return null;
  const onlyBeside = new Set(lines.map((line) => /^!\/(.+)\/\*\/$/u.exec(line)?.[1]));
  const folders: string[] = [];
  for (const line of lines.filter((each) => !each.startsWith("!"))) {
    const folder = folderName(/^\/(.+)\/$/u.exec(line)?.[1] ?? "");
    // Of one that has no name for us nothing is known; the others stay what they are.
    if (folder !== null && !onlyBeside.has(folder)) folders.push(folder);
  }
  return coneOf(folders);
}

/**
 * Which folders a work tree has now: those that it was made with and those that its agent checked out
 * besides; null for all. So a file that is not there is one that was removed only where it could be.
 */
export async function coneNow(workTree: string, made: Cone): Promise<Cone | null> {
  const gitDir = join(workTree, ".git");
  const settings = await readSmall(gitDir, "config.worktree");
  if (/^\s*sparseCheckout\s*=\s*false\s*$/imu.test(settings)) return null;
  const added = coneInPatterns(await readSmall(gitDir, PATTERNS_FILE));
  return coneOf([...made, ...(added ?? [])]);
}

/** A cone as it was noted, a list in JSON; null when it is none. */
export function coneIn(text: string): Cone | null {
  try {
    return coneOfValue(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The same as a value. */
export function coneOfValue(value: unknown): Cone | null {
  if (!Array.isArray(value)) return null;
  const isFolder = (each: unknown): each is string =>
    typeof each === "string" && folderName(each) === each;
  return value.every(isFolder) ? coneOf(value) : null;
}

/** What an agent's git did to files that it has not checked out. */
export interface DoneUnseen {
  readonly changed: readonly EntryRecord[];
  readonly removed: readonly Buffer[];
}

/**
 * Has an index tell nothing of files that are not there because they were not checked out, and all of
 * the others; answers what the agent's git, if it is known, did to those. For null all are checked out.
 */
export async function leaveOutside(
  index: CaptureIndex,
  workTree: string,
  cone: Cone | null,
  theirs: AgentsIndex | null,
): Promise<DoneUnseen> {
  const isThere = thereIn(workTree);
  const isLeft = new Set((await index.leftAsIs()).map(latin));
  const [leave, lookAt, removed]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  const isPart = cone === null ? null : inCone(coneInBytes(cone));
  const away = new Map(theirs?.away);
  const changed: EntryRecord[] = [];
  for (const [count, record] of (await index.entries()).entries()) {
    if (count % ENTRIES_AT_ONCE === 0) await breathe();
    const { path, mode, hash } = entryOf(record);
    const name = latin(path);
    const other = away.get(name);
    away.delete(name);
    const mayBeOut = other !== undefined || (isPart !== null && !isPart(name));
    const isOut = mayBeOut && !isThere(name);
    if (isOut !== isLeft.has(name)) (isOut ? leave : lookAt).push(path);
    if (!isOut || theirs === null) continue;
    if (!theirs.paths.has(name)) removed.push(path);
    else if (other !== undefined && (other.hash !== hash || other.mode !== mode))
      changed.push(other);
  }
  await index.leaveAsIs(leave);
  await index.lookAtAgain(lookAt);
  for (const [name, entry] of away) if (!isThere(name)) changed.push(entry);
  return { changed, removed };
}

/** A cone to compare with paths of which each byte is one character. */
export function coneInBytes(cone: Cone): Cone {
  return cone.map((folder) => latin(Buffer.from(folder)));
}

/**
 * The cone with the folders of some files besides, of whose paths each byte is one character; null
 * when a file is in a folder whose name git cannot be told.
 */
export function coneWith(cone: Cone, paths: readonly string[]): Cone | null {
  const isPart = inCone(coneInBytes(cone));
  const folders = paths.filter((path) => !isPart(path)).map(namableAbove);
  const named = folders.filter((folder) => folder !== null);
  return named.length === folders.length ? coneOf([...cone, ...named]) : null;
}

const ENTRIES_AT_ONCE = 2000;
const FILE_BYTES_MAX = 256 * 1024;

function latin(bytes: Buffer): string {
  return bytes.toString("latin1");
}

/** The innermost folder with a file in it that has a name for git, and so have all above it. */
function namableAbove(path: string): string | null {
  for (let folder = above(path); folder !== ""; folder = above(folder)) {
    const text = Buffer.from(folder, "latin1").toString();
    if (folderName(text) === text && latin(Buffer.from(text)) === folder) return text;
  }
  return null;
}

/** Looks at each folder once, and into none that is not there; follows no link. */
function thereIn(workTree: string): (path: string) => boolean {
  const folders = new Map<string, boolean>([["", true]]);
  const isFolder = (path: string): boolean => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const found = isFolder(above(path)) && whatIsAt(workTree, path) === "folder";
    folders.set(path, found);
    return found;
  };
  return (path) => isFolder(above(path)) && whatIsAt(workTree, path) !== "nothing";
}

/** What cannot be looked at counts as there: it is for others to tell what is wrong with it. */
function whatIsAt(workTree: string, path: string): "nothing" | "folder" | "other" {
  const full = Buffer.concat([Buffer.from(`${workTree}/`), Buffer.from(path, "latin1")]);
  try {
    const found = lstatSync(full, { throwIfNoEntry: false });
    if (found === undefined) return "nothing";
    return found.isDirectory() ? "folder" : "other";
  } catch {
    return "folder";
  }
}

function above(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** A file in a `.git` that is its agent's; empty for none, a link, or a large one. */
async function readSmall(gitDir: string, name: string): Promise<string> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  const path = join(gitDir, name);
  try {
    for (const folder of [gitDir, dirname(path)]) {
      if (!(await lstat(folder)).isDirectory()) return "";
    }
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile() || found.size > FILE_BYTES_MAX) return "";
    return await file.readFile("utf8");
  } catch {
    return "";
  }
}
