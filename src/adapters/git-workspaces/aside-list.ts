import type { Stats } from "node:fs";
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import type { LeftOut } from "../../ports/workspaces.ts";

/** What a check-out of the kept commit would write at a path. */
export interface KeptEntry {
  readonly mode: string;
  /** Bytes of the blob; null for what has none. */
  readonly size: number | null;
}

/** What is to go aside. Paths are relative, each byte one character (latin1). */
export interface AsideList {
  readonly names: readonly string[];
  /** Of the archive, nearly. */
  readonly bytes: number;
  readonly files: number;
  /** True when it is more than the folder's own `.git`. */
  readonly isMoreThanGit: boolean;
  /** What is neither in the commit nor in the list. */
  readonly leftOut: readonly LeftOut[];
}

/** What the list is made by. */
export interface AsideSpec {
  readonly workTree: string;
  /** By path, each byte one character. */
  readonly kept: ReadonlyMap<string, KeptEntry>;
  /** Paths that the commit has and a check-out of the part does not write; each byte one character. */
  readonly outside: readonly string[];
  /** Paths of which the commit has an older state, or nothing. */
  readonly notInCommit: ReadonlySet<string>;
  readonly umask: number;
  readonly bytesMax: number;
}

/**
 * Folders that a package manager or a compiler makes anew: where the project ignores them nothing in
 * them is kept.
 */
export const REBUILT: ReadonlySet<string> = new Set([
  "node_modules",
  "bower_components",
  ".pnpm-store",
  ".venv",
  "venv",
  "__pycache__",
  ".tox",
  ".nox",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  "target",
  ".gradle",
  ".next",
  ".nuxt",
  ".turbo",
  ".parcel-cache",
]);

const LEFT_OUT_MAX = 10_000;
const BREATHE_EVERY = 1000;
const BLOCK = 512;
/** Longer names take blocks of their own. */
const NAME_BYTES_PLAIN = 100;
const OWN = 0o500;

/** An entry that was found, or all that is below a `.git`: it goes aside whole or not at all. */
interface Found {
  readonly path: string;
  readonly names: string[];
  bytes: number;
  files: number;
}

interface Walk {
  readonly spec: AsideSpec;
  readonly root: string;
  readonly folders: ReadonlySet<string>;
  /** Folders of files that the project does not ignore and the check-out does not write. */
  readonly wanted: ReadonlySet<string>;
  readonly gits: Found[];
  readonly others: Found[];
  readonly leftOut: LeftOut[];
  /** Folders to look into. */
  readonly ahead: { readonly path: string; readonly git: Found | null }[];
}

/**
 * Lists what a check-out of the kept commit would not bring back byte for byte: every `.git`, files
 * that are ignored, larger, converted or of other rights, folders without a file. Follows no link;
 * gives the owner rights that it needs to read.
 */
export async function listAside(spec: AsideSpec): Promise<AsideList> {
  const walk: Walk = {
    spec,
    root: latin(spec.workTree),
    folders: foldersOf(spec.kept),
    wanted: foldersAbove([...spec.outside, ...[...spec.notInCommit].map(latin)]),
    gits: [],
    others: [],
    leftOut: [],
    ahead: [{ path: "", git: null }],
  };
  const top = look(walk, "");
  if (top !== null && !isMadeSo(top, 0o777, spec)) put(walk.others, ".", 0);
  let seen = 0;
  for (let next = walk.ahead.pop(); next !== undefined; next = walk.ahead.pop()) {
    for (const name of namesIn(walk, next.path)) {
      visit(walk, next.path === "" ? name : `${next.path}/${name}`, name, next.git);
      seen += 1;
      if (seen % BREATHE_EVERY === 0) await breathe();
    }
  }
  return chosen(walk);
}

/** Every folder that has one of these paths in it, at any depth. */
function foldersAbove(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

/** Every folder that the check-out would make. */
function foldersOf(kept: ReadonlyMap<string, KeptEntry>): ReadonlySet<string> {
  const folders = foldersAbove(kept.keys());
  for (const [path, { mode }] of kept) if (mode === GITLINK) folders.add(path);
  return folders;
}

function visit(walk: Walk, path: string, name: string, within: Found | null): void {
  const found = look(walk, path);
  if (found === null) return;
  const git = within ?? (name === ".git" ? put(walk.gits, path, null) : null);
  if (found.isDirectory()) {
    const isMade = walk.folders.has(path);
    if (git === null && REBUILT.has(name) && !isMade && !walk.wanted.has(path)) return;
    if (git !== null) add(git, path, 0);
    else if (!isMade || !isMadeSo(found, 0o777, walk.spec)) put(walk.others, path, 0);
    walk.ahead.push({ path, git });
    return;
  }
  // A socket is nothing without the program that made it.
  if (found.isSocket() || found.isBlockDevice() || found.isCharacterDevice()) return;
  if (git === null && isInCommit(walk.spec, path, found)) return;
  if (found.isFile() && (found.mode & 0o400) === 0) give(walk, path, found.mode | 0o400);
  const size = found.isFile() ? found.size : 0;
  if (git === null) put(walk.others, path, size);
  else add(git, path, size);
}

/** True when a check-out of the commit writes just this. */
function isInCommit(spec: AsideSpec, path: string, found: Stats): boolean {
  const entry = spec.kept.get(path);
  if (entry === undefined || spec.notInCommit.has(Buffer.from(path, "latin1").toString())) {
    return false;
  }
  if (found.isSymbolicLink()) return entry.mode === "120000";
  if (!found.isFile() || found.size !== entry.size) return false;
  const mode = entry.mode === "100755" ? 0o777 : entry.mode === "100644" ? 0o666 : null;
  return mode !== null && isMadeSo(found, mode, spec);
}

function isMadeSo(found: Stats, mode: number, { umask }: AsideSpec): boolean {
  return (found.mode & 0o7777) === (mode & ~umask);
}

/** Git's own states first, then what is smallest: as much as there is room for. */
function chosen({ gits, others, leftOut, spec }: Walk): AsideList {
  const list = { names: [] as string[], bytes: 0, files: 0 };
  let isMoreThanGit = false;
  for (const each of [...gits, ...others.toSorted((a, b) => a.bytes - b.bytes)]) {
    if (list.bytes + each.bytes > spec.bytesMax) {
      tell(leftOut, each.path, "too-large");
      continue;
    }
    list.bytes += each.bytes;
    list.files += each.files;
    for (const name of each.names) list.names.push(name);
    if (each.path !== ".git") isMoreThanGit = true;
  }
  // A folder stands before what is in it.
  return { ...list, names: list.names.toSorted(byBytes), isMoreThanGit, leftOut };
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

function put(into: Found[], path: string, size: number | null): Found {
  const found: Found = { path, names: [], bytes: 0, files: 0 };
  into.push(found);
  if (size !== null) add(found, path, size);
  return found;
}

function add(found: Found, path: string, size: number): void {
  found.names.push(path);
  found.bytes += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  if (path.length >= NAME_BYTES_PLAIN - 2) found.bytes += 2 * BLOCK + path.length;
  found.files += 1;
}

function look(walk: Walk, path: string): Stats | null {
  try {
    return lstatSync(full(walk, path));
  } catch (error) {
    if (!isGone(error)) tell(walk.leftOut, path, "unreadable");
    return null;
  }
}

function namesIn(walk: Walk, path: string): readonly string[] {
  const read = (): string[] => readdirSync(full(walk, path), { encoding: "latin1" });
  try {
    return read();
  } catch (error) {
    if (isGone(error)) return [];
    try {
      give(walk, path, (look(walk, path)?.mode ?? 0) | OWN);
      return read();
    } catch {
      tell(walk.leftOut, path, "unreadable");
      return [];
    }
  }
}

function give(walk: Walk, path: string, mode: number): void {
  try {
    chmodSync(full(walk, path), mode & 0o7777);
  } catch {
    // Then it is told as what it is: unreadable.
  }
}

function full({ root }: Walk, path: string): Buffer {
  return Buffer.from(path === "" || path === "." ? root : `${root}/${path}`, "latin1");
}

function tell(leftOut: LeftOut[], path: string, reason: LeftOut["reason"]): void {
  if (leftOut.length >= LEFT_OUT_MAX) return;
  leftOut.push({ path: Buffer.from(path, "latin1").toString(), reason });
}

function latin(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "ENOTDIR";
}

const GITLINK = "160000";
