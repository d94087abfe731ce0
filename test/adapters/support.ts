import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run, RunEvent, RunOutcome } from "../../src/ports/executor.ts";
import { findProgram } from "../../src/adapters/process/find-program.ts";
import { processTable } from "../../src/adapters/process/process-table.ts";
import { MARK_VARIABLE } from "../../src/adapters/process/tree.ts";

/** Certificates of tests are made with it; tests that need one are skipped without. */
export const hasOpenssl: boolean = findProgram("openssl", process.env["PATH"]) !== null;

/** A folder under the system's temporary one that is removed at the end. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "sleepless-test-")));
  const remove = async (): Promise<void> => await rm(path, { recursive: true, force: true });
  return { path, [Symbol.asyncDispose]: remove };
}

/** What a run told, and how it ended. */
export interface FollowedRun {
  readonly events: readonly RunEvent[];
  readonly outcome: RunOutcome;
}

/** Reads a run to its end; `onEvent` sees each event as it comes. */
export async function follow(
  run: Run,
  onEvent: (event: RunEvent) => void = () => {},
): Promise<FollowedRun> {
  const events: RunEvent[] = [];
  for await (const event of run.events) {
    events.push(event);
    onEvent(event);
  }
  return { events, outcome: await run.outcome };
}

/** Waits for a fact; the test's own time limit ends a wait in vain. */
export async function until<T>(look: () => Promise<T | null> | T | null): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await sleep(10);
  }
}

/** Pids of living processes that carry the mark. */
export async function markedPids(mark: string): Promise<readonly number[]> {
  const table = processTable();
  const pids = (await table.rows()).map((row) => row.pid);
  return await table.carrying(pids, MARK_VARIABLE, mark);
}

/** The file's text; null while it is not there. */
export async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}

/** PATH of the machine and a HOME of its own: what agents get in tests. */
export function testEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: home,
    LANG: "C.UTF-8",
    TERM: "dumb",
  };
}
