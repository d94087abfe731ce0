import type { Outcome } from "../../core/outcome.ts";
import { taskTitle } from "../../core/result-message.ts";
import type { AttemptContext } from "../attempt.ts";
import type { Leaving } from "./publish.ts";
import { recordStep, type StepResult } from "./record.ts";

/** What was found on the way out; `refusal` ends the attempt. */
export interface ScannedSecrets {
  readonly detail: string;
  readonly refusal: Outcome | null;
}

/** A longer difference cannot be looked through, so it does not leave. */
const DIFF_BYTES_MAX = 64 * 1024 * 1024;
const SENTENCES_MAX = 5;

/** Looks through everything that is about to leave. A secret in it sends the agent back to take it out. */
export function scanSecrets(
  context: AttemptContext,
  { project, result, branch, message }: Leaving,
): Promise<StepResult<ScannedSecrets>> {
  return recordStep(context, "scan-secrets", async () => {
    const { publishing, task, control } = context;
    const { branches } = publishing;
    const { base, commit } = result;
    const diff = await branches.difference(project, base, commit, DIFF_BYTES_MAX + 1);
    if (diff.length > DIFF_BYTES_MAX) {
      return refused(["The changes are too long to be looked through for secrets."]);
    }
    const scan = await publishing.scan(
      {
        project,
        base,
        commit,
        branch,
        diff,
        message,
        words: [taskTitle(task.text), task.text],
      },
      control.signal,
    );
    if (scan.blocking.length > 0) return refused(scan.blocking);
    const { warnings } = scan;
    return { detail: warnings.length === 0 ? "none found" : some(warnings), refusal: null };
  });
}

function refused(sentences: readonly string[]): ScannedSecrets {
  const detail = some(sentences);
  const message = `A secret would leave with this result, so nothing left. ${detail} Take it out of the files.`;
  return {
    detail,
    refusal: { type: "failed", failure: "check-failed", message, retryAt: null },
  };
}

function some(sentences: readonly string[]): string {
  const more = sentences.length - SENTENCES_MAX;
  const shown = sentences.slice(0, SENTENCES_MAX).join(" ");
  return more > 0 ? `${shown} And ${more} more.` : shown;
}
