import { copyFile, mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GitAnswer, type GitCall, GitFailed } from "./git.ts";
import { type EntryRecord, entryOf, indexInfo, joinRecords, splitRecords } from "./records.ts";
import { privateFolder, type Repository, type Shelf } from "./repository.ts";

/** A private index over a folder; nothing of it is written into the folder. Paths are bytes. */
export interface CaptureIndex {
  readonly entries: () => Promise<readonly Buffer[]>;
  readonly remove: (paths: readonly Buffer[]) => Promise<void>;
  readonly putEntries: (entries: readonly EntryRecord[]) => Promise<void>;
  /** Puts all files of a tree below a path. */
  readonly putTree: (path: Buffer, tree: string) => Promise<void>;
  /** Entries whose file is another now, and whether those of others are gone. */
  readonly changedFiles: () => Promise<{ paths: readonly Buffer[]; areSomeGone: boolean }>;
  /** Reads every file that may be another, so that `changedFiles` tells only those that are. */
  readonly refresh: () => Promise<void>;
  /** Entries that are to stay as they are, whatever is at their paths. */
  readonly leaveAsIs: (paths: readonly Buffer[]) => Promise<void>;
  readonly leftAsIs: () => Promise<readonly Buffer[]>;
  /** Entries that are not to be left any more. */
  readonly lookAtAgain: (paths: readonly Buffer[]) => Promise<void>;
  /** Takes over every change and removal of an entry, about `count`; answers what went wrong. */
  readonly addTracked: (count: number) => Promise<string | null>;
  /**
   * Files without an entry; a nested repository is one path that ends with a slash. `unopened` are
   * folders that could not be looked into.
   */
  readonly untracked: () => Promise<{ paths: readonly Buffer[]; unopened: readonly string[] }>;
  /** Adds files; `refused` are those whose names git takes for its own. */
  readonly addUntracked: (
    paths: readonly Buffer[],
  ) => Promise<{ refused: readonly Buffer[]; complaint: string | null }>;
  readonly writeTree: () => Promise<string>;
}

/** Where the index is and what it begins with. */
export interface CaptureIndexSpec {
  readonly path: string;
  readonly repository: Repository;
  readonly workTree: string;
  readonly base: string | null;
  readonly seedIndex: string | null;
  /** Stores bytes as they are, whatever `.gitattributes` say. */
  readonly isRaw: boolean;
}

const LIST_BYTES_MAX = 512 * 1024 * 1024;
const CAPTURE_TIMEOUT_MS = 1_800_000;
/** From so many files on they are stored in one pack, several times faster than one by one. */
const PACK_FROM_COUNT = 500;
const INTO_ONE_PACK: readonly string[] = ["core.bigFileThreshold=1"];
/** The letter of git for an entry that is left as it is. */
const LEFT = 0x53;
/** Switches off everything by which attributes could change what is stored. */
const RAW_ATTRIBUTES = "* -text -filter -ident -working-tree-encoding\n";

/** Opens a fresh index at `spec.path`. */
export async function captureIndex(
  shelf: Shelf,
  spec: CaptureIndexSpec,
  signal: AbortSignal,
): Promise<CaptureIndex> {
  const place = await placeOf(shelf, spec, signal);
  const callOf = (args: readonly string[], input?: Buffer, count = 0): GitCall => ({
    ...place,
    args,
    ...(input === undefined ? {} : { input }),
    ...(count < PACK_FROM_COUNT ? {} : { settings: INTO_ONE_PACK }),
  });
  const must = (args: readonly string[], input?: Buffer): Promise<Buffer> =>
    shelf.git.must(callOf(args, input), signal);
  const run = (args: readonly string[], input?: Buffer, count?: number): Promise<GitAnswer> =>
    shelf.git.run(callOf(args, input, count), signal);
  const forPaths = async (args: readonly string[], paths: readonly Buffer[]): Promise<void> => {
    if (paths.length > 0)
      await must(["update-index", "-z", ...args, "--stdin"], joinRecords(paths));
  };
  const putEntries = async (entries: readonly EntryRecord[]): Promise<void> => {
    if (entries.length > 0) await must(["update-index", "-z", "--index-info"], indexInfo(entries));
  };
  const refresh = async (): Promise<void> => {
    await run(["update-index", "-q", "--refresh", "--ignore-missing"]);
  };
  // What we wrote ourselves needs no second look: few of its files are taken for others wrongly.
  const isSeeded = await begin(spec, must);
  return {
    entries: async () => splitRecords(await must(["ls-files", "--stage", "-z"])),
    remove: (paths) => forPaths(["--force-remove"], paths),
    putEntries,
    putTree: async (path, tree) => {
      const records = splitRecords(await must(["ls-tree", "-r", "-z", "--full-tree", tree]));
      await putEntries(records.map((record) => below(path, entryOf(record))));
    },
    refresh,
    changedFiles: async () => {
      if (!isSeeded) await refresh();
      const args = ["diff-files", "-z", "--name-status", "--ignore-submodules=all"];
      return changedIn(splitRecords(await must(args)));
    },
    leaveAsIs: (paths) => forPaths(["--skip-worktree"], paths),
    leftAsIs: async () =>
      splitRecords(await must(["ls-files", "-t", "-z"]))
        .filter((record) => record[0] === LEFT)
        .map((record) => record.subarray(2)),
    lookAtAgain: (paths) => forPaths(["--no-skip-worktree"], paths),
    addTracked: async (count) =>
      complaintOf(await run(["add", "--update", "--ignore-errors"], undefined, count)),
    untracked: async () => {
      const answer = await run(["ls-files", "--others", "--exclude-standard", "-z"]);
      if (answer.code !== 0 || answer.isCut)
        throw new GitFailed("git ls-files failed", answer.stderr);
      return { paths: splitRecords(answer.stdout), unopened: unopenedIn(answer.stderr) };
    },
    addUntracked: async (paths) => {
      if (paths.length === 0) return { refused: [], complaint: null };
      const args = ["update-index", "-z", "--add", "--replace", "--stdin"];
      const answer = await run(args, joinRecords(paths), paths.length);
      return { refused: refusedIn(answer.stderr), complaint: complaintOf(answer) };
    },
    writeTree: async () => (await must(["write-tree"])).toString("latin1").trim(),
  };
}

type Place = Pick<
  GitCall,
  "cwd" | "gitDir" | "workTree" | "indexFile" | "objectDirectory" | "maxBytes" | "timeoutMs"
>;

async function placeOf(shelf: Shelf, spec: CaptureIndexSpec, signal: AbortSignal): Promise<Place> {
  const place = {
    cwd: spec.workTree,
    workTree: spec.workTree,
    indexFile: spec.path,
    maxBytes: LIST_BYTES_MAX,
    timeoutMs: CAPTURE_TIMEOUT_MS,
  };
  const { gitDir } = spec.repository;
  if (!spec.isRaw) return { ...place, gitDir };
  const rawDir = await ensureRaw(shelf, signal);
  return { ...place, gitDir: rawDir, objectDirectory: join(gitDir, "objects") };
}

/** A repository without content whose attributes outrank those of any folder. */
export async function ensureRaw(shelf: Shelf, signal: AbortSignal): Promise<string> {
  const rawDir = join(privateFolder(shelf), "raw.git");
  const attributes = join(rawDir, "info", "attributes");
  if ((await readFile(attributes, "utf8").catch(() => null)) === RAW_ATTRIBUTES) return rawDir;
  const args = ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", rawDir];
  await shelf.git.must({ args, cwd: shelf.repositories }, signal);
  await mkdir(join(rawDir, "info"), { recursive: true });
  await writeFile(attributes, RAW_ATTRIBUTES);
  return rawDir;
}

/** True when it began with an index that knows the files themselves. */
async function begin(
  { base, seedIndex, path }: CaptureIndexSpec,
  must: (args: readonly string[]) => Promise<Buffer>,
): Promise<boolean> {
  if (base === null) return false; // No index is an empty one.
  if (seedIndex !== null && (await copiedWithTimes(seedIndex, path))) return true;
  await must(["read-tree", base]);
  return false;
}

/** Git tells by the time of an index whether a file could have changed unseen: the time must stay. */
export async function copiedWithTimes(from: string, to: string): Promise<boolean> {
  const times = await stat(from).catch(() => null);
  if (times === null) return false;
  await copyFile(from, to);
  await utimes(to, times.atime, times.mtime);
  return true;
}

function below(path: Buffer, entry: EntryRecord): EntryRecord {
  return { ...entry, path: Buffer.concat([path, Buffer.from("/"), entry.path]) };
}

/** Pairs of a letter and a path; `D` is gone. */
function changedIn(records: readonly Buffer[]): { paths: Buffer[]; areSomeGone: boolean } {
  const paths: Buffer[] = [];
  let areSomeGone = false;
  for (let at = 0; at + 1 < records.length; at += 2) {
    const path = records[at + 1];
    if (records[at]?.toString() === "D") areSomeGone = true;
    else if (path !== undefined) paths.push(path);
  }
  return { paths, areSomeGone };
}

function complaintOf(answer: GitAnswer): string | null {
  return answer.code === 0 ? null : answer.stderr.trim().slice(0, 500);
}

function unopenedIn(stderr: string): readonly string[] {
  // Git cuts its words where a path is very long.
  return [...stderr.matchAll(/could not open directory '(.+?)(?:\/?':|$)/gmu)].map(
    ([, path]) => path ?? "",
  );
}

function refusedIn(stderr: string): readonly Buffer[] {
  return [...stderr.matchAll(/^Ignoring path (.+)$/gmu)].map((match) =>
    Buffer.from(match[1] ?? ""),
  );
}
