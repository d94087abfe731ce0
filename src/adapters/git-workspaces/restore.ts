import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Cone, inCone } from "../../core/cone.ts";
import { ensureRaw } from "./capture-index.ts";
import { coneInBytes } from "./cone.ts";
import type { GitCall } from "./git.ts";
import { joinRecords, splitRecords } from "./records.ts";
import { privateFolder, type Repository, type Shelf } from "./repository.ts";

const RESTORE_TIMEOUT_MS = 1_800_000;
const LIST_BYTES_MAX = 512 * 1024 * 1024;

/**
 * Writes all files of a commit into a folder that is empty or not there yet; its parent must be.
 * Links are written as links, never through them. Throws for a folder with something in it.
 */
export async function restoreTree(
  shelf: Shelf,
  { gitDir }: Repository,
  commit: string,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(into).catch(ignoreExisting);
  if ((await readdir(into)).length > 0) {
    throw new Error(`${into} is not empty: a kept state is restored into an empty folder only`);
  }
  await writeTree(shelf, { gitDir, workTree: into }, { commit, cone: null }, signal);
}

/** A state to be written with the rights of `umask`; of its files those in the cone, or all for null. */
export interface RawState {
  readonly commit: string;
  readonly umask: number;
  readonly cone: Cone | null;
}

/** The same with every byte as it is stored, whatever attributes say, and by the rights of `umask`. */
export async function restoreBytes(
  shelf: Shelf,
  { gitDir }: Repository,
  { commit, umask, cone }: RawState,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  const rawDir = await ensureRaw(shelf, signal);
  const script = `umask ${umask.toString(8)} && exec "$@"`;
  const place = {
    gitDir: rawDir,
    objectDirectory: join(gitDir, "objects"),
    workTree: into,
    before: ["/bin/sh", "-c", script, "sh"],
  };
  await writeTree(shelf, place, { commit, cone }, signal);
}

async function writeTree(
  shelf: Shelf,
  place: Pick<GitCall, "gitDir" | "objectDirectory" | "before"> & { readonly workTree: string },
  { commit, cone }: Pick<RawState, "commit" | "cone">,
  signal: AbortSignal,
): Promise<void> {
  const indexFile = join(privateFolder(shelf), `index-${randomUUID()}`);
  const call = { ...place, cwd: place.workTree, indexFile, timeoutMs: RESTORE_TIMEOUT_MS };
  try {
    await shelf.git.must({ ...call, args: ["read-tree", commit] }, signal);
    const which =
      cone === null
        ? { args: ["checkout-index", "--all", "--quiet"] }
        : {
            args: ["checkout-index", "-z", "--stdin", "--quiet"],
            input: joinRecords(await filesIn(shelf, call, cone, signal)),
          };
    await shelf.git.must({ ...call, ...which }, signal);
  } finally {
    await rm(indexFile, { force: true });
  }
}

async function filesIn(
  shelf: Shelf,
  call: Omit<GitCall, "args">,
  cone: Cone,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const listing = { ...call, args: ["ls-files", "-z"], maxBytes: LIST_BYTES_MAX };
  const isPart = inCone(coneInBytes(cone));
  return splitRecords(await shelf.git.must(listing, signal)).filter((path) =>
    isPart(path.toString("latin1")),
  );
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
