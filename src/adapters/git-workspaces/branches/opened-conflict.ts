import { conflictRef } from "../place.ts";
import { objectAt, type Repository, setRef, type Shelf } from "../repository.ts";
import { splitRecords } from "../records.ts";

const MESSAGE_BYTES_MAX = 1024 * 1024;
/** Of more of them no more is told, or looked at: they become words of a command. */
const PATHS_CHARACTERS_MAX = 60_000;
/** Git marks each version by the commit that it is of, so nothing else looks like that. */
const MARK = "^(<{7}|[|]{7}|>{7}) [0-9a-f]{40}(:|$)";
const GREP_TIMEOUT_MS = 600_000;

/** The message of the merge that a folder is made from, with the paths in conflict. */
export function conflictMessage(paths: readonly string[]): string {
  let left = PATHS_CHARACTERS_MAX;
  const told = paths.filter((path) => (left -= JSON.stringify(path).length) > 0);
  return `To be resolved\n\nPaths: ${JSON.stringify(told)}`;
}

/** The paths of the conflict that a task's folder was made with; none when there is none to resolve. */
export async function pathsInConflict(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const commit = await objectAt(shelf, repository, conflictRef(taskId), signal);
  if (commit === null) return [];
  const { gitDir } = repository;
  const args = ["show", "-s", "--format=%b", "--end-of-options", commit];
  const call = { args, gitDir, cwd: gitDir, maxBytes: MESSAGE_BYTES_MAX };
  const body = (await shelf.git.must(call, signal)).toString();
  return JSON.parse(/^Paths: (.+)$/mu.exec(body)?.[1] ?? "[]") as readonly string[];
}

/** Which of them are still marked in a state of the task; forgets the conflict once none is. */
export async function settleConflict(
  shelf: Shelf,
  repository: Repository,
  { taskId, commit }: { readonly taskId: number; readonly commit: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths = await pathsInConflict(shelf, repository, taskId, signal);
  if (paths.length === 0) return [];
  const { gitDir } = repository;
  const which = ["-l", "-z", "-I", "--full-name", "-E", "-e", MARK, commit, "--", ...paths];
  const args = ["--literal-pathspecs", "grep", ...which];
  const call = { args, gitDir, cwd: gitDir, timeoutMs: GREP_TIMEOUT_MS };
  const { code, stdout, stderr } = await shelf.git.run(call, signal);
  if (code > 1) throw new Error(`git grep failed: ${stderr.trim()}`);
  const prefix = `${commit}:`;
  const marked = splitRecords(stdout).map((name) => name.toString().slice(prefix.length));
  if (marked.length === 0) await setRef(shelf, repository, conflictRef(taskId), null, signal);
  return marked;
}
