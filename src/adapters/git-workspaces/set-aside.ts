import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cone, inCone } from "../../core/cone.ts";
import type { LeftOut } from "../../ports/workspaces.ts";
import { type AsideList, type KeptEntry, listAside } from "./aside-list.ts";
import type { Captured } from "./capture.ts";
import { coneInBytes } from "./cone.ts";
import type { Git } from "./git.ts";
import { splitRecords } from "./records.ts";
import { packWords, runTar } from "./tar.ts";

/** An archive of more is not made: what does not fit is told. */
export const ASIDE_BYTES_MAX: number = 512 * 1024 ** 2;

/** What is to be set aside of a folder whose state was captured just now. */
export interface AsideOrder {
  readonly workTree: string;
  /** Repository that knows the captured tree. */
  readonly gitDir: string;
  /** The folder's `.git` is as we made it: alone it needs no archive. */
  readonly isGitAsMade: boolean;
  /** Where the archive is to be. */
  readonly archive: string;
  /** A folder for a list of names. */
  readonly scratch: string;
  readonly bytesMax: number;
}

/** What was set aside, and by what rights a check-out makes the rest. */
export interface Aside {
  /** False when there was nothing to set aside, so that there is no archive. */
  readonly isMade: boolean;
  readonly umask: number;
  /** What is neither in the commit nor in the archive; files are not told that are made anew anyway. */
  readonly lost: readonly LeftOut[];
}

const LIST_BYTES_MAX = 512 * 1024 * 1024;
const TRIES = 3;
const ATTRIBUTES = ".gitattributes";
/** More of them are not looked at: then no file is taken for what the commit has. */
const ATTRIBUTES_MAX = 50;
const ATTRIBUTES_BYTES_MAX = 1024 * 1024;

/** Makes one archive of all that the captured tree does not bring back byte for byte. */
export async function setAside(
  git: Git,
  order: AsideOrder,
  { tree, leftOut, cone }: Captured,
  signal: AbortSignal,
): Promise<Aside> {
  const umask = process.umask();
  const all = await entriesOf(git, order.gitDir, tree, signal);
  const kept = cone === null ? all : onlyIn(coneInBytes(cone), all);
  const outside = [...all.keys()].filter((path) => !kept.has(path));
  const notInCommit = new Set(leftOut.map(({ path }) => path));
  const { workTree, bytesMax } = order;
  for (let tries = 1; ; tries += 1) {
    const list = await listAside({ workTree, kept, outside, notInCommit, umask, bytesMax });
    if (order.isGitAsMade && !list.isMoreThanGit) {
      return { isMade: false, umask, lost: list.leftOut };
    }
    const complaint = await pack(order, list, signal);
    if (complaint === null) return { isMade: true, umask, lost: list.leftOut };
    // Something went while it was read; what is there is kept all the same.
    if (tries < TRIES) continue;
    const rest: LeftOut = { path: complaint, reason: "unreadable" };
    return { isMade: true, umask, lost: [...list.leftOut, rest] };
  }
}

/** What is not checked out is not brought back by a check-out either. */
function onlyIn(
  cone: Cone,
  entries: ReadonlyMap<string, KeptEntry>,
): ReadonlyMap<string, KeptEntry> {
  const isPart = inCone(cone);
  return new Map([...entries].filter(([path]) => isPart(path)));
}

async function entriesOf(
  git: Git,
  gitDir: string,
  tree: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KeptEntry>> {
  const args = ["ls-tree", "-r", "-l", "-z", "--full-tree", tree];
  const said = await git.must({ args, gitDir, cwd: gitDir, maxBytes: LIST_BYTES_MAX }, signal);
  const entries = new Map<string, KeptEntry>();
  const attributes: string[] = [];
  for (const record of splitRecords(said)) {
    const text = record.toString("latin1");
    const tab = text.indexOf("\t");
    const [mode = "", , hash = "", size = ""] = text.slice(0, tab).split(/ +/u);
    const path = text.slice(tab + 1);
    entries.set(path, { mode, size: /^\d+$/u.test(size) ? Number(size) : null });
    if (path === ATTRIBUTES || path.endsWith(`/${ATTRIBUTES}`)) attributes.push(hash);
  }
  const isEncoded = await areSomeEncoded(git, gitDir, attributes, signal);
  return isEncoded ? new Map([...entries].map(([path, each]) => [path, unsure(each)])) : entries;
}

/** Other conversions make a file shorter; of this one alone the size says nothing. */
async function areSomeEncoded(
  git: Git,
  gitDir: string,
  attributes: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if (attributes.length > ATTRIBUTES_MAX) return true;
  for (const hash of attributes) {
    const call = { args: ["cat-file", "blob", hash], gitDir, cwd: gitDir };
    const said = await git.run({ ...call, maxBytes: ATTRIBUTES_BYTES_MAX }, signal);
    if (said.isCut || said.stdout.includes("working-tree-encoding")) return true;
  }
  return false;
}

function unsure(entry: KeptEntry): KeptEntry {
  return { ...entry, size: null };
}

/** Null when all is in the archive; else what tar could not take. */
async function pack(
  { workTree, scratch, archive }: AsideOrder,
  { names }: AsideList,
  signal: AbortSignal,
): Promise<string | null> {
  const list = join(scratch, "aside-names");
  await writeFile(list, Buffer.from(names.map((name) => `./${name}\0`).join(""), "latin1"));
  await rm(archive, { force: true });
  const { code, said } = await runTar(packWords(workTree, list, archive), signal);
  // 1: a file changed while it was read; it is as it was at some moment.
  return code <= 1 ? null : (said.trim().split("\n", 1)[0] ?? "tar failed");
}
