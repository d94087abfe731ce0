import { WorkspaceUnavailable } from "../../ports/workspaces.ts";
import { GitFailed } from "./git.ts";

/** Failures of git and the file system, told as what they mean for an attempt. */
export async function withWords<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isFull(error)) {
      const message = "The disk is full; free some space.";
      throw new WorkspaceUnavailable("disk", message, { cause: error });
    }
    if (!(error instanceof GitFailed)) throw error;
    const failure = codeOf(error.cause) === "ENOENT" ? "config" : "crash";
    throw new WorkspaceUnavailable(failure, `${error.message}.`, { cause: error });
  }
}

function isFull(error: unknown): boolean {
  if (error instanceof GitFailed) {
    return /No space left on device|Disk quota exceeded/u.test(error.stderr);
  }
  return codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
