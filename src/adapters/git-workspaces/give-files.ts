import { createHash } from "node:crypto";
import { type BigIntStats, lchownSync, lstatSync } from "node:fs";
import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import type { Owner } from "./owner.ts";

/**
 * Gives the files and folders that an index knows to the user that the agents are, and writes into the
 * index what that changed of them: the owner, and the time that nobody can set. Only while nobody but us
 * has had the folder; so the index still tells for certain, without a byte being read, which files are
 * as we wrote them. The folder itself and its `.git` are left: they are given when an agent starts.
 */
export async function giveFiles(folder: string, index: string, owner: Owner): Promise<void> {
  const data = await readFile(index);
  const entries = entriesIn(data);
  if (entries === null) return;
  const parents = new Set<string>();
  for (const [count, { at, path, isSkipped }] of entries.entries()) {
    // The process has other things to do between.
    if (count % ENTRIES_AT_ONCE === 0) await breathe();
    if (isSkipped) continue;
    giveEntry(data, at, Buffer.concat([Buffer.from(`${folder}/`), path]), owner);
    for (let text = parentOf(path.toString("latin1")); text !== "" && !parents.has(text);) {
      parents.add(text);
      text = parentOf(text);
    }
  }
  for (const parent of parents) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(parent, "latin1")]);
    lchownSync(path, owner.uid, owner.gid);
  }
  await writeFile(index, sealed(data));
  // Whatever is done from now on has another time than the giving.
  await pause(CLOCK_STEP_MS);
}

/**
 * Makes git believe of an index exactly what is certain. Git itself compares whole seconds, and an agent
 * that begins in the second in which its files were given could change one unseen: of a file whose time
 * is another to the nanosecond the index forgets what it knew, so that it is read. And behind a fence
 * users have other numbers, which would make every file look changed: a tree holds no owners.
 */
export async function claimFiles(folder: string, index: string): Promise<void> {
  // Git judges by the time of an index, too, so that stays.
  const { atime, mtime } = await stat(index);
  const data = await readFile(index);
  for (const [count, { at, path, isSkipped }] of (entriesIn(data) ?? []).entries()) {
    if (count % ENTRIES_AT_ONCE === 0) await breathe();
    if (isSkipped) continue;
    const found = statusOf(Buffer.concat([Buffer.from(`${folder}/`), path]));
    if (found === null || !isUntouched(data, at, found)) data.fill(0, at, at + AT.device);
    else writeOwner(data, at, { uid: Number(found.uid), gid: Number(found.gid) });
  }
  await writeFile(index, sealed(data));
  await utimes(index, atime, mtime);
}

/** How many files an index knows. */
export async function filesIn(index: string): Promise<number> {
  const data = await readFile(index);
  return data.length < HEADER_BYTES ? 0 : data.readUInt32BE(8);
}

/** Longer than the steps in which a kernel counts the time of files. */
const CLOCK_STEP_MS = 20;
const ENTRIES_AT_ONCE = 250;
const HEADER_BYTES = 12;
const HASH_BYTES = 20;
/** Where in an entry what stands; all numbers are 32 bits of what `lstat` says. */
const AT = {
  ctime: 0,
  mtime: 8,
  device: 16,
  inode: 20,
  uid: 28,
  gid: 32,
  size: 36,
  flags: 60,
  moreFlags: 62,
} as const;
const EXTENDED = 0x4000;
const SKIPPED = 0x4000;
const NANOSECONDS = 1_000_000_000n;

interface Entry {
  readonly at: number;
  readonly path: Buffer;
  /** It was not checked out. */
  readonly isSkipped: boolean;
}

/** Null for a form of index that we do not ask git for. */
function entriesIn(data: Buffer): readonly Entry[] | null {
  const version = data.length < HEADER_BYTES ? 0 : data.readUInt32BE(4);
  if (data.toString("latin1", 0, 4) !== "DIRC" || (version !== 2 && version !== 3)) return null;
  const entries: Entry[] = [];
  let at = HEADER_BYTES;
  for (let left = data.readUInt32BE(8); left > 0; left -= 1) {
    const isExtended = (data.readUInt16BE(at + AT.flags) & EXTENDED) !== 0;
    const start = at + AT.flags + (isExtended ? 4 : 2);
    const end = data.indexOf(0, start);
    const isSkipped = isExtended && (data.readUInt16BE(at + AT.moreFlags) & SKIPPED) !== 0;
    entries.push({ at, path: data.subarray(start, end), isSkipped });
    at += (Math.floor((end - at) / 8) + 1) * 8;
  }
  return entries;
}

function sealed(data: Buffer): Buffer {
  const body = data.subarray(0, -HASH_BYTES);
  createHash("sha1").update(body).digest().copy(data, body.length);
  return data;
}

function giveEntry(data: Buffer, at: number, path: Buffer, owner: Owner): void {
  lchownSync(path, owner.uid, owner.gid);
  const found = statusOf(path);
  // Of another file nothing is said: it will be read.
  if (found === null || !isAsWritten(data, at, found)) return;
  writeTime(data, at + AT.ctime, found.ctimeNs);
  writeOwner(data, at, owner);
}

/** Null for what is not there, or cannot be looked at. */
function statusOf(path: Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return null;
  }
}

function isAsWritten(data: Buffer, at: number, { size, ino, mtimeNs }: BigIntStats): boolean {
  return (
    data.readUInt32BE(at + AT.size) === low(size) &&
    data.readUInt32BE(at + AT.inode) === low(ino) &&
    isTime(data, at + AT.mtime, mtimeNs)
  );
}

/** A time without a fraction comes from a file system that knows none: it proves nothing. */
function isUntouched(data: Buffer, at: number, found: BigIntStats): boolean {
  const { ctimeNs } = found;
  return (
    isAsWritten(data, at, found) &&
    isTime(data, at + AT.ctime, ctimeNs) &&
    ctimeNs % NANOSECONDS !== 0n
  );
}

function isTime(data: Buffer, at: number, timeNs: bigint): boolean {
  return (
    data.readUInt32BE(at) === low(timeNs / NANOSECONDS) &&
    data.readUInt32BE(at + 4) === low(timeNs % NANOSECONDS)
  );
}

function writeTime(data: Buffer, at: number, timeNs: bigint): void {
  data.writeUInt32BE(low(timeNs / NANOSECONDS), at);
  data.writeUInt32BE(low(timeNs % NANOSECONDS), at + 4);
}

function writeOwner(data: Buffer, at: number, { uid, gid }: Owner): void {
  data.writeUInt32BE(uid, at + AT.uid);
  data.writeUInt32BE(gid, at + AT.gid);
}

function low(value: bigint): number {
  return Number(value & 0xff_ff_ff_ffn);
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}
