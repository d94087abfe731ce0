import { dirname } from "node:path";
import { missing, unusable, unwritable } from "./errors.ts";

/** Without an import, whose list of all exports costs every command some milliseconds. */
const { accessSync, constants, statfsSync, statSync } = process.getBuiltinModule("node:fs");

/** The oldest SQLite whose write-ahead log is safe with several processes on one file. */
const SQLITE_MIN = "3.51.3";

/** Linux names of file systems over a network, by their magic number: locks and shared memory fail there. */
const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xff534d42: "CIFS",
  0xfe534d42: "SMB",
  0x5346414f: "AFS",
  0x00c36400: "Ceph",
  0x0bd00bd0: "Lustre",
};

/** Throws a `StoreUnavailable` when the program or the place cannot carry the database at `path`. */
export function checkPlace(path: string): void {
  refuseOldSqlite(process.versions["sqlite"] ?? "unknown");
  const folder = dirname(path);
  const entry = entryAt(path);
  if (entryAt(folder) !== "folder") throw missing(path);
  if (entry === "folder") throw unusable(`${path} is a folder: name a file in it.`);
  if (!isWritable(folder) || (entry !== null && !isWritable(path))) throw unwritable(path);
  refuseNetwork(path, folder);
}

/** Throws when SQLite `version` has the bug that can corrupt a file several processes write. */
export function refuseOldSqlite(version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const [wantMajor = 0, wantMinor = 0, wantPatch = 0] = SQLITE_MIN.split(".").map(Number);
  const age = major - wantMajor || minor - wantMinor || patch - wantPatch;
  if (age >= 0) return;
  throw unusable(
    `This Node brings SQLite ${version}, which can corrupt a database that several processes write: use a Node with SQLite ${SQLITE_MIN} or newer.`,
  );
}

function refuseNetwork(path: string, folder: string): void {
  if (process.platform !== "linux") return;
  const name = NETWORK_FILE_SYSTEMS[statfsSync(folder).type >>> 0];
  if (name === undefined) return;
  throw unusable(
    `${path} lies on a network file system (${name}), where its locks do not hold: choose a home on a local disk.`,
  );
}

/** What lies at the path; null when nothing does. */
function entryAt(path: string): "folder" | "file" | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return stats.isDirectory() ? "folder" : "file";
  } catch (error) {
    if (!isNotFolder(error)) throw unwritable(path, { cause: error });
    return null;
  }
}

/** A part of the path is a file, so nothing lies below it. */
function isNotFolder(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTDIR";
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
