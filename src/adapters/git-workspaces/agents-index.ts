import { randomUUID } from "node:crypto";
import { constants, createWriteStream } from "node:fs";
import { lstat, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CaptureTarget } from "./capture.ts";
import { limited } from "./limited.ts";
import { FILE_BYTES_MAX } from "./look.ts";
import { type EntryRecord, entryOf, splitRecords } from "./records.ts";
import { privateFolder, type Shelf } from "./repository.ts";

/** What the git of an agent knows; each byte of a path is one character. */
export interface AgentsIndex {
  readonly paths: ReadonlySet<string>;
  /** Files that it has not checked out, and what they are to it: a merge changes them unseen. */
  readonly away: ReadonlyMap<string, EntryRecord>;
}

const INDEX_BYTES_MAX = 128 * 1024 * 1024;
const LIST_BYTES_MAX = 256 * 1024 * 1024;
const LIMITED: readonly string[] = limited(1024 ** 3);
/** Git waits for a pipe in place of an object; no file takes so long. */
const TIMEOUT_MS = 30_000;
const BLOBS_MAX = 1000;
const FILE_MODES: ReadonlySet<string> = new Set(["100644", "100755", "120000"]);

type Where = Pick<CaptureTarget, "repository" | "workTree">;

/**
 * Reads the index of an agent's git, as a copy under our own repository. Null when it says nothing of
 * files that are not checked out: there is none, it cannot be read, or the agent made it anew.
 */
export async function agentsIndex(
  shelf: Shelf,
  { repository: { gitDir }, workTree }: Where,
  signal: AbortSignal,
): Promise<AgentsIndex | null> {
  const indexFile = join(privateFolder(shelf), `index-${randomUUID()}`);
  try {
    if (!(await isCopied(join(workTree, ".git"), indexFile))) return null;
    const args = ["ls-files", "-t", "--stage", "-z"];
    // In a sparse index whole folders are one entry: their trees may be the agent's.
    const borrowedObjects = objectsOf(workTree);
    const where = { gitDir, workTree, indexFile, borrowedObjects, cwd: workTree };
    const call = {
      ...where,
      args,
      before: LIMITED,
      maxBytes: LIST_BYTES_MAX,
      timeoutMs: TIMEOUT_MS,
    };
    const { code, isCut, stdout } = await shelf.git.run(call, signal);
    const read = code === 0 && !isCut ? readList(stdout) : null;
    return read === null || read.away.size === 0 ? null : read;
  } catch {
    signal.throwIfAborted();
    return null;
  } finally {
    await rm(indexFile, { force: true });
  }
}

/** Stores the content of entries that our repository lacks, out of the agent's; answers what it has then. */
export async function takeBlobs(
  shelf: Shelf,
  { repository: { gitDir }, workTree }: Where,
  entries: readonly EntryRecord[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const place = { gitDir, cwd: gitDir };
  const input = Buffer.from(entries.map(({ hash }) => `${hash}\n`).join(""));
  const check = { ...place, args: ["cat-file", "--batch-check"], input, maxBytes: LIST_BYTES_MAX };
  const said = (await shelf.git.must(check, signal)).toString("latin1");
  const has = new Set(
    [...said.matchAll(/^([0-9a-f]{40}) blob \d+$/gmu)].map(([, hash = ""]) => hash),
  );
  const borrowedObjects = objectsOf(workTree);
  const missing = new Set(entries.map(({ hash }) => hash).filter((hash) => !has.has(hash)));
  for (const hash of [...missing].slice(0, BLOBS_MAX)) {
    const args = ["cat-file", "blob", hash];
    const call = {
      ...place,
      args,
      borrowedObjects,
      before: LIMITED,
      maxBytes: FILE_BYTES_MAX,
      timeoutMs: TIMEOUT_MS,
    };
    // What does not answer once is not asked again.
    const blob = await shelf.git.run(call, signal).catch(() => null);
    signal.throwIfAborted();
    if (blob === null) break;
    if (blob.code !== 0 || blob.isCut) continue;
    const store = { ...place, args: ["hash-object", "-w", "--stdin"], input: blob.stdout };
    has.add((await shelf.git.must(store, signal)).toString("latin1").trim());
  }
  return has;
}

function objectsOf(workTree: string): string {
  return join(workTree, ".git", "objects");
}

/** The letter of git for what is not checked out. */
const AWAY = 0x53;
const TAB = 0x09;

/** `S 100644 <hash> 0 TAB <path>`; what is in conflict has other numbers than 0. */
function readList(said: Buffer): AgentsIndex {
  const paths = new Set<string>();
  const away = new Map<string, EntryRecord>();
  for (const record of splitRecords(said)) {
    const name = record.toString("latin1", record.indexOf(TAB) + 1);
    paths.add(name);
    if (record[0] === AWAY) away.set(name, entryOf(record.subarray(2)));
  }
  for (const [name, { mode }] of away) if (!FILE_MODES.has(mode)) away.delete(name);
  return { paths, away };
}

/** An agent may have put anything there: no link is followed and nothing waited for. */
async function isCopied(gitDir: string, to: string): Promise<boolean> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  if (!(await lstat(gitDir)).isDirectory()) return false;
  await using file = await open(join(gitDir, "index"), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const found = await file.stat();
  if (!found.isFile() || found.size > INDEX_BYTES_MAX) return false;
  const from = file.createReadStream({ autoClose: false, end: INDEX_BYTES_MAX });
  await pipeline(from, createWriteStream(to, { mode: 0o600 }));
  return true;
}
