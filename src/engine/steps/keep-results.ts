import type { Kept } from "../../ports/workspaces.ts";
import type { AttemptContext } from "../attempt.ts";
import type { OpenedWorkspace } from "./open-workspace.ts";
import { type StepResult, recordStep } from "./record.ts";
import type { Worked } from "./work.ts";

/** Largest diff that is written beside the results; the whole state is kept under its ref anyway. */
const DIFF_MAX_BYTES = 4 * 1024 * 1024;

/** What was kept of an attempt. */
export interface KeptResults {
  readonly detail: string;
  readonly kept: Kept;
}

/**
 * Keeps the whole workspace under a private ref and writes final text, changes and cost as files,
 * whatever came of the work: nothing is thrown away. What was taken up is kept already.
 */
export function keepResults(
  context: AttemptContext,
  opened: OpenedWorkspace,
  worked: Worked,
  takenUp: Kept | null,
): Promise<StepResult<KeptResults>> {
  const { workspaces, artifacts, task, attempt } = context;
  return recordStep(context, "keep-results", async () => {
    // Keeping goes on when the attempt was told to stop: that is when it matters most.
    const signal = new AbortController().signal;
    const kept =
      takenUp ?? (await workspaces.keep(task.id, attempt.number, opened.project, signal));
    const folder = opened.resultsPath;
    const { outcome } = worked;
    if (outcome.type === "succeeded") await artifacts.write(folder, "final.md", outcome.summary);
    if (kept.changed.length > 0) {
      const diff = await workspaces.diff(kept.ref, opened.project, DIFF_MAX_BYTES);
      await artifacts.write(folder, "changes.diff", diff);
    }
    await artifacts.write(folder, "result.json", await resultJson(context, worked, kept));
    return {
      detail: `${filesWords(kept.changed.length)}, +${kept.insertions} -${kept.deletions}`,
      kept,
    };
  });
}

function filesWords(count: number): string {
  return count === 1 ? "1 file changed" : `${count} files changed`;
}

async function resultJson(context: AttemptContext, worked: Worked, kept: Kept): Promise<string> {
  const { task, attempt, store, clock } = context;
  const attempts = await store.attempts.ofTask(task.id);
  const counted = attempts.find((each) => each.number === attempt.number);
  const result = {
    taskId: task.id,
    attempt: attempt.number,
    writtenAt: new Date(clock.now()).toISOString(),
    text: task.text,
    project: task.project,
    outcome: worked.outcome,
    sessionId: worked.sessionId,
    tokens: counted?.tokens ?? null,
    usd: counted?.usd ?? null,
    kept,
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
