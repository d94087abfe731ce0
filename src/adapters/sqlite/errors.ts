import { dirname } from "node:path";
import { StoreUnavailable } from "../../ports/store.ts";

/** Primary result codes of SQLite. */
const BUSY = 5;
const LOCKED = 6;
const UNWRITABLE: ReadonlySet<number> = new Set([3, 8, 14, 23]); // PERM, READONLY, CANTOPEN, AUTH
const UNWRITABLE_SYSTEM: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EISDIR",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);
const FULL_SYSTEM: ReadonlySet<unknown> = new Set(["EDQUOT", "ENOSPC"]);
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** True for an error that goes away when another program ends its transaction. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/** What a person can act on, made of an error of the database at `path`; other errors come back as they are. */
export function explainError(error: unknown, path: string): unknown {
  if (isClosed(error)) return closed(path);
  if (error instanceof StoreUnavailable) return error;
  const options = { cause: error };
  const system = systemCode(error);
  if (UNWRITABLE_SYSTEM.has(system)) return unwritable(path, options);
  const code = primaryCode(error);
  if (code === FULL || FULL_SYSTEM.has(system)) {
    const message = `The disk is full, so ${path} took nothing more: free some space and try again.`;
    return new StoreUnavailable("full", message, options);
  }
  if (code === null) return error;
  if (code === CORRUPT) return corrupt(path, options);
  if (code === NOT_A_DATABASE) return foreign(path, options);
  if (UNWRITABLE.has(code)) return unwritable(path, options);
  if (code === IO_ERROR) {
    const message = `Reading or writing ${path} failed (${textOf(error)}): check the disk, then try again.`;
    return new StoreUnavailable("broken", message, options);
  }
  return error;
}

/** The database was locked by another program for `ms` milliseconds. */
export function busy(path: string, ms: number): StoreUnavailable {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const message = `Another program kept ${path} locked for ${seconds} s: end it (a backup, a database browser) and try again.`;
  return new StoreUnavailable("busy", message);
}

/** File or folder must not be written by this user. */
export function unwritable(path: string, options?: ErrorOptions): StoreUnavailable {
  const message = `${path} cannot be written: let this user write the file and its folder ${dirname(path)}.`;
  return new StoreUnavailable("unwritable", message, options);
}

/** Something has the name that a copy was to get. */
export function taken(path: string): StoreUnavailable {
  const message = `${path} is there already: name a file that is not, or move that one away.`;
  return new StoreUnavailable("unwritable", message);
}

/** The folder of the database is not there. */
export function missing(path: string, options?: ErrorOptions): StoreUnavailable {
  const message = `The folder ${dirname(path)} does not exist: create it, or run \`sle init\`.`;
  return new StoreUnavailable("missing", message, options);
}

/** The file holds something else. */
export function foreign(path: string, options?: ErrorOptions): StoreUnavailable {
  const message = `${path} is not a database of Sleepless Agent: move that file away, or choose another home.`;
  return new StoreUnavailable("corrupt", message, options);
}

/** A newer program wrote the file in a way that this one cannot use. */
export function newer(path: string, version: number, known: number): StoreUnavailable {
  const message = `${path} was written by a newer Sleepless Agent (schema ${version}, this one knows ${known}): update this one.`;
  return new StoreUnavailable("newer", message);
}

/** The place or the program cannot carry a database. */
export function unusable(message: string): StoreUnavailable {
  return new StoreUnavailable("broken", message);
}

/** The store was disposed of, or its thread has ended. */
export function closed(path: string): StoreUnavailable {
  return new StoreUnavailable("broken", `The store ${path} is closed: open it again.`);
}

function corrupt(path: string, options: ErrorOptions): StoreUnavailable {
  const message = `${path} is damaged: stop the daemon, then put the newest backup in its place.`;
  return new StoreUnavailable("corrupt", message, options);
}

/** The connection was closed while the call waited for a lock. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_INVALID_STATE";
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error)) return null;
  return typeof error.errcode === "number" ? error.errcode & 0xff : null;
}

function systemCode(error: unknown): unknown {
  return error instanceof Error && "syscall" in error && "code" in error ? error.code : null;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
