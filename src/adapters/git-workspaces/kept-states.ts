import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Cone } from "../../core/cone.ts";
import { coneIn } from "./cone.ts";
import type { CapturedWhole } from "./fenced-capture.ts";
import { hasPackedRefs, readLooseRef } from "./loose-ref.ts";
import { splitRecords } from "./records.ts";
import { commitAt, type Repository, type Shelf } from "./repository.ts";

/** A kept state of a task, as its commit tells it. */
export interface KeptCommit {
  readonly repository: Repository;
  readonly taskId: number;
  readonly attempt: number;
  readonly commit: string;
  /** The commit that the work began from. */
  readonly base: string;
  readonly tree: string;
  /** Epoch milliseconds. */
  readonly keptAt: number;
  /** False when its attempt has a newer state. */
  readonly isCurrent: boolean;
  /** The folders that were checked out; null: all. */
  readonly cone: Cone | null;
  /** What was set aside beside it; `unknown`: kept by a version that set nothing aside. */
  readonly aside: Noted | "unknown";
  /** The commit of the archive; null when there is none, or none that belongs to this state. */
  readonly asideCommit: string | null;
}

/** What a kept commit notes of the rest of its state. */
export interface Noted {
  /** The archive; null when there was nothing to set aside. */
  readonly blob: string | null;
  readonly umask: number;
  /** How many files are in neither. */
  readonly lost: number;
}

/** The name of the archive in the tree of its commit. */
export const ARCHIVE_NAME = "git-state.tar";

const FORMAT = [
  "refname",
  "objectname",
  "parent",
  "tree",
  "committerdate:unix",
  "contents:subject",
  "contents:body",
]
  .map((field) => `%(${field})%00`)
  .join("");
const REFS_BYTES_MAX = 64 * 1024 * 1024;

/** The message of a kept commit. */
export function keptMessage(
  { taskId, attempt }: Pick<KeptCommit, "taskId" | "attempt">,
  { aside: { blob, umask, lost }, cone }: Pick<CapturedWhole, "aside" | "cone">,
): string {
  const rights = umask.toString(8).padStart(3, "0");
  const folders = cone === null ? "" : `\nFolders: ${JSON.stringify(cone)}`;
  const notes = `Aside: ${blob ?? "none"}\nUmask: ${rights}\nLost: ${lost.length}${folders}`;
  return `Task ${taskId}, attempt ${attempt}\n\n${notes}`;
}

/** The message of the commit that holds the archive of a kept one. */
export function asideMessage(
  { taskId, attempt }: Pick<KeptCommit, "taskId" | "attempt">,
  kept: string,
): string {
  return `Task ${taskId}, attempt ${attempt}, set aside\n\nKept: ${kept}`;
}

/** Every kept state of a task in a repository, newest first. */
export async function keptStates(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<readonly KeptCommit[]> {
  const { gitDir } = repository;
  const places = ["keep", "before/keep", "aside", "before/aside"];
  const refs = places.map((place) => `refs/sleepless/${place}/${taskId}/`);
  const args = ["for-each-ref", `--format=${FORMAT}`, ...refs];
  const said = await shelf.git.must(
    { args, gitDir, cwd: gitDir, maxBytes: REFS_BYTES_MAX },
    signal,
  );
  const rows = rowsOf(said);
  const asides = new Map<string, string>();
  for (const { ref, commit, body } of rows) {
    const kept = /^Kept: ([0-9a-f]{40})$/mu.exec(body)?.[1];
    if (kept !== undefined && /\/aside\//u.test(ref)) asides.set(kept, commit);
  }
  return rows.flatMap((row) => stateOf(repository, taskId, row, asides)).toSorted(newestFirst);
}

/** Every kept state of a task, in whatever repository. */
export async function allKeptStates(
  shelf: Shelf,
  taskId: number,
  signal: AbortSignal,
): Promise<readonly KeptCommit[]> {
  const states: KeptCommit[] = [];
  for (const repository of await repositoriesIn(shelf)) {
    if (!(await mayKnow(repository, taskId))) continue;
    states.push(...(await keptStates(shelf, repository, taskId, signal)));
  }
  return states.toSorted(newestFirst);
}

/** Saves starting git for repositories that never had the task; only git knows packed refs. */
async function mayKnow({ gitDir }: Repository, taskId: number): Promise<boolean> {
  const isThere = async (path: string): Promise<boolean> =>
    (await lstat(join(gitDir, path)).catch(() => null)) !== null;
  return (await isThere(`refs/sleepless/keep/${taskId}`)) || (await hasPackedRefs(gitDir));
}

/** The repository that has a ref (refs/…), with the commit that it names; null for none. */
export async function findRef(
  shelf: Shelf,
  ref: string,
  signal: AbortSignal,
): Promise<{ readonly repository: Repository; readonly commit: string } | null> {
  const repositories = await repositoriesIn(shelf);
  for (const repository of repositories) {
    const commit = await readLooseRef(repository.gitDir, ref);
    if (commit !== null) return { repository, commit };
  }
  for (const repository of repositories) {
    const commit = await commitAt(shelf, repository, ref, signal);
    if (commit !== null) return { repository, commit };
  }
  return null;
}

/** The repositories that there are. */
export async function repositoriesIn(shelf: Shelf): Promise<readonly Repository[]> {
  const entries = await readdir(shelf.repositories).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith(".git"))
    .map((entry) => ({
      name: entry.slice(0, -".git".length),
      gitDir: join(shelf.repositories, entry),
    }));
}

interface Row {
  readonly ref: string;
  readonly commit: string;
  readonly parent: string;
  readonly tree: string;
  readonly seconds: string;
  readonly subject: string;
  readonly body: string;
}

const FIELDS = 7;

function rowsOf(said: Buffer): readonly Row[] {
  const fields = splitRecords(said).map((field) => field.toString().replace(/^\n/u, ""));
  const rows: Row[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const [ref = "", commit = "", parent = "", tree = "", seconds = "", subject = "", body = ""] =
      fields.slice(at, at + FIELDS);
    rows.push({ ref, commit, parent: parent.split(" ", 1)[0] ?? "", tree, seconds, subject, body });
  }
  return rows;
}

function stateOf(
  repository: Repository,
  taskId: number,
  { ref, commit, parent, tree, seconds, subject, body }: Row,
  asides: ReadonlyMap<string, string>,
): readonly KeptCommit[] {
  const attempt = /^Task \d+, attempt (\d+)$/u.exec(subject)?.[1];
  if (attempt === undefined || !/\/keep\//u.test(ref)) return [];
  const state: KeptCommit = {
    repository,
    taskId,
    attempt: Number(attempt),
    commit,
    base: parent,
    tree,
    keptAt: Number(seconds) * 1000,
    isCurrent: !ref.startsWith("refs/sleepless/before/"),
    cone: coneIn(/^Folders: (.+)$/mu.exec(body)?.[1] ?? ""),
    aside: notedIn(body),
    asideCommit: asides.get(commit) ?? null,
  };
  return [state];
}

function notedIn(body: string): Noted | "unknown" {
  const [, aside, umask, lost] =
    /^Aside: (none|[0-9a-f]{40})\nUmask: ([0-7]{3})\nLost: (\d+)$/mu.exec(body) ?? [];
  if (aside === undefined || umask === undefined) return "unknown";
  const blob = aside === "none" ? null : aside;
  return { blob, umask: Number.parseInt(umask, 8), lost: Number(lost) };
}

/** What was kept when the folder was discarded (attempt 0) is newer than what was kept that second. */
function newestFirst(a: KeptCommit, b: KeptCommit): number {
  return (
    b.keptAt - a.keptAt ||
    Number(b.isCurrent) - Number(a.isCurrent) ||
    rank(b.attempt) - rank(a.attempt)
  );
}

function rank(attempt: number): number {
  return attempt === 0 ? Infinity : attempt;
}
