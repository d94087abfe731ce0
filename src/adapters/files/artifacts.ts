import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, realpath, rm } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { Artifacts } from "../../ports/artifacts.ts";
import type { HomeLayout } from "./home-layout.ts";
import { codeOf } from "./system-error.ts";
import { writeWhole } from "./write-whole.ts";

/** A name that is one part of a path, neither hidden nor a way out. */
const PLAIN_NAME = /^[\w][\w.-]{0,199}$/u;
const DATE_FOLDER = /^\d{4}-\d{2}-\d{2}$/u;

/**
 * Results as files under `results/<UTC date>/<task>-<attempt>`. Folders may be named by either path
 * that `open` answered; a folder outside the results and a name with a path in it are bugs and throw.
 */
export function fileArtifacts(home: HomeLayout): Artifacts {
  return {
    open: async (taskId, attempt, at) => {
      const path = join(home.results, dateOf(at), `${taskId}-${attempt}`);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return { path, relative: relative(home.path, path) };
    },
    write: async (folder, name, content) => {
      const path = await realFolder(home, folder);
      if (path === null) throw new Error(`${JSON.stringify(folder)} is no folder of results`);
      await writeWhole(join(path, plainName(name)), content);
    },
    tail: async (folder, name, maxBytes) => {
      const file = plainName(name);
      const path = await realFolder(home, folder);
      return path === null ? null : readTail(join(path, file), maxBytes);
    },
  };
}

/** Removes the results of days that ended before `before`; answers how many days went. */
export async function pruneResults(home: HomeLayout, before: number): Promise<number> {
  const kept = dateOf(before);
  const days = (await readdir(home.results)).filter((day) => DATE_FOLDER.test(day) && day < kept);
  for (const day of days) await rm(join(home.results, day), { recursive: true, force: true });
  return days.length;
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function plainName(name: string): string {
  if (!PLAIN_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is not a plain file name`);
  return name;
}

/** The folder's real path; null when it is not there or a link stands on the way to it. */
async function realFolder(home: HomeLayout, folder: string): Promise<string | null> {
  const inside = insideResults(home, folder);
  const expected = join(await realpath(home.results), inside);
  const real = await realpath(expected).catch(nullWhenMissing);
  return real === expected ? real : null;
}

function insideResults(home: HomeLayout, folder: string): string {
  const path = isAbsolute(folder) ? resolve(folder) : resolve(home.path, folder);
  const inside = relative(home.results, path);
  if (inside === "" || inside.startsWith("..")) {
    throw new Error(`${JSON.stringify(folder)} is not among the results`);
  }
  return inside;
}

function nullWhenMissing(error: unknown): null {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return null;
  throw error;
}

/** Never follows a link and never waits for a pipe: both are no file of ours. */
async function readTail(path: string, maxBytes: number): Promise<string | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(nullWhenMissing);
  if (file === null) return null;
  try {
    return await readEnd(file, maxBytes);
  } finally {
    await file.close();
  }
}

async function readEnd(file: FileHandle, maxBytes: number): Promise<string | null> {
  const stat = await file.stat();
  if (!stat.isFile()) return null;
  const length = Math.min(stat.size, Math.max(0, maxBytes));
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const at = stat.size - length + filled;
    const { bytesRead } = await file.read(bytes, filled, length - filled, at);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return textFrom(bytes.subarray(0, filled), length < stat.size);
}

/** Decodes; when the front was cut off, without the rest of the character that was cut in two. */
function textFrom(bytes: Buffer, cut: boolean): string {
  if (!cut) return bytes.toString("utf8");
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.toString("utf8", start);
}
