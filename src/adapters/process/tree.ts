import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessRow, ProcessTable } from "./process-table.ts";

/** The environment variable that marks every process of a tree. */
export const MARK_VARIABLE = "SLEEPLESS_MARK";

const POLL_FIRST_MS = 5;
const POLL_MAX_MS = 200;

/** What belongs together: a leader with its group, all that carry the mark, and all their descendants. */
export interface TreeScope {
  readonly table: ProcessTable;
  readonly mark: string;
  /** The leader's pid while that pid is surely its own, else null. */
  readonly leader: () => number | null;
  /** When the first of the tree started, in the table's unit; null when that is not known. */
  readonly startTicks: number | null;
}

/** The living processes of a tree, children of members included however they left the group. */
export async function treeMembers(scope: TreeScope): Promise<readonly ProcessRow[]> {
  const rows = (await scope.table.rows()).filter((row) => row.pid !== process.pid);
  const leader = scope.leader();
  const members = new Set<number>();
  for (const row of rows) {
    if (leader !== null && (row.pid === leader || row.groupId === leader)) members.add(row.pid);
  }
  const from = scope.table.areStartsOrdered ? (scope.startTicks ?? 0) : 0;
  const others = rows.filter((row) => row.startTicks >= from && !members.has(row.pid));
  const pids = others.map((row) => row.pid);
  for (const pid of await scope.table.carrying(pids, MARK_VARIABLE, scope.mark)) {
    members.add(pid);
  }
  addDescendants(rows, members);
  return rows.filter((row) => members.has(row.pid));
}

/**
 * A process and its living descendants, by their parents alone: far cheaper than `treeMembers`, and
 * whole where orphans cannot leave, as in a PID namespace.
 */
export async function descendantsOf(
  table: ProcessTable,
  leader: number | undefined,
): Promise<readonly number[]> {
  if (leader === undefined) return [];
  const members = new Set([leader]);
  addDescendants(await table.rows(), members);
  return [...members];
}

/** Sends SIGKILL to the whole tree again and again until nothing of it lives, or `signal` is aborted. */
export async function killTree(scope: TreeScope, signal?: AbortSignal): Promise<boolean> {
  const killed = new Map<number, number>();
  // Orphans without the mark are no members any more, but may take a while to die.
  const isDying = ([pid, startTicks]: readonly [number, number]): boolean =>
    scope.table.identify(pid)?.startTicks === startTicks;
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(POLL_MAX_MS, pauseMs * 2)) {
    const members = await treeMembers(scope);
    if (members.length === 0 && ![...killed].some(isDying)) return true;
    if (signal?.aborted === true) return false;
    for (const { pid, startTicks } of members) {
      killed.set(pid, startTicks);
      sendSignal(pid, "SIGKILL");
    }
    await sleep(pauseMs);
  }
}

/** Waits until nothing of the tree lives; false when `signal` is aborted first. */
export async function treeGone(scope: TreeScope, signal: AbortSignal): Promise<boolean> {
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(POLL_MAX_MS, pauseMs * 2)) {
    if ((await treeMembers(scope)).length === 0) return true;
    if (signal.aborted) return false;
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}

/** Sends a signal to a process, or with a negative pid to a group; one that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime, or belongs to someone else: both are for the next look.
  }
}

function addDescendants(rows: readonly ProcessRow[], members: Set<number>): void {
  for (let size = -1; size !== members.size;) {
    size = members.size;
    for (const row of rows) if (members.has(row.parentPid)) members.add(row.pid);
  }
}
