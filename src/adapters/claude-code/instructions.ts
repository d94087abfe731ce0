import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** What is read of a repository's own instructions; the rest is left out. */
const INSTRUCTIONS_MAX_BYTES = 64 * 1024;

/**
 * The text of the workspace's CLAUDE.md; empty when there is none. Read as text and nothing else:
 * a link, a pipe or a device in its place counts as none.
 */
export async function readInstructions(workspace: string): Promise<string> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  try {
    await using file = await open(join(workspace, "CLAUDE.md"), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!(await file.stat()).isFile()) return "";
    const buffer = Buffer.alloc(INSTRUCTIONS_MAX_BYTES);
    const { bytesRead } = await file.read(buffer, 0, INSTRUCTIONS_MAX_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return "";
  }
}
