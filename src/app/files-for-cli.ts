import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { type Result, ok, problem } from "../core/problem.ts";
import type { ByteRange, FilePart } from "../surfaces/cli/context.ts";

/** Part of a result file below `home`; null when it is not there, or a link, pipe or device in its place. */
export async function readResult(
  home: string,
  folder: string,
  name: string,
  range: ByteRange,
): Promise<FilePart | null> {
  const path = resolve(home, folder, name);
  if (relative(home, path).startsWith("..")) return null;
  try {
    const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) return null;
    const { size } = stat;
    const offset = range.offset < 0 ? Math.max(0, size + range.offset) : range.offset;
    const length = Math.max(0, Math.min(range.length, size - offset));
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return { bytes: buffer.subarray(0, bytesRead), offset, size };
  } catch {
    return null;
  }
}

/** A whole file that a person named, or standard input for `-`; refuses more than `maxBytes`. */
export async function readInput(
  cwd: string,
  path: string,
  maxBytes: number,
): Promise<Result<Uint8Array>> {
  const name = path === "-" ? "The standard input" : `The file ${path}`;
  try {
    await using file = path === "-" ? null : await open(resolve(cwd, path));
    const source = file === null ? process.stdin : file.createReadStream({ end: maxBytes });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of source) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) {
        return problem("invalid", `${name} is larger than ${maxBytes} bytes; give a shorter text.`);
      }
    }
    return ok(Buffer.concat(chunks));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return problem("invalid", `${name} cannot be read (${why}); check its name.`);
  }
}
