import { slugOf, THOUGHTS_BRANCH } from "../core/branch-name.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Project } from "../core/project.ts";
import type { Proof } from "../core/proof.ts";
import type { PublishedCommit } from "../core/published.ts";
import { MESSAGE_TEMPLATE, resultMessage } from "../core/result-message.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Kept } from "../ports/workspaces.ts";
import type { AttemptContext } from "./attempt.ts";
import { effectOfAttempt } from "./steps/effect-of-attempt.ts";
import { checkResults } from "./steps/check-results.ts";
import { earlierWork } from "./steps/earlier-work.ts";
import { keepResults } from "./steps/keep-results.ts";
import { type OpenedWorkspace, openWorkspace } from "./steps/open-workspace.ts";
import { publish } from "./steps/publish.ts";
import { rebase } from "./steps/rebase.ts";
import { recordStep } from "./steps/record.ts";
import { type Worked, work } from "./steps/work.ts";

/** How an attempt ended, and what was proven of its result; null when nothing was. */
export interface Ended {
  readonly outcome: Outcome;
  readonly sessionId: string | null;
  readonly verdict: Verdict | null;
}

/**
 * The way of an attempt: open the workspace, work, keep the results, put them on the newest base, check
 * them, look for secrets, commit, push, open a pull request. The first step that does not succeed ends
 * it; each can be done again.
 */
export async function runPipeline(context: AttemptContext): Promise<Ended> {
  const opened = await openWorkspace(context);
  if (!opened.ok) return unproven(opened.outcome, context.task.sessionId);
  const earlier = await earlierWork(context, opened.value.project);
  const worked = earlier?.worked ?? (await work(context, opened.value));
  const { outcome, sessionId } = worked;
  if (context.control.reason() === "lease-lost") return unproven(outcome, sessionId);
  const kept = await keepResults(context, opened.value, worked, earlier?.kept ?? null);
  if (outcome.type !== "succeeded") return unproven(outcome, sessionId);
  if (!kept.ok) return unproven(kept.outcome, sessionId);
  const { project } = opened.value;
  const done = { kept: kept.value.kept, worked, summary: outcome.summary };
  if (project === null) return commitThought(context, done);
  return prove(context, { ...opened.value, project }, done);
}

interface Done {
  readonly kept: Kept;
  readonly worked: Worked;
  readonly summary: string;
}

async function prove(
  context: AttemptContext,
  opened: OpenedWorkspace & { readonly project: Project },
  { kept, worked, summary }: Done,
): Promise<Ended> {
  const { outcome, sessionId } = worked;
  const rebased = await rebase(context, opened.project, kept);
  if (!rebased.ok) return unproven(rebased.outcome, sessionId);
  const { base, result, rules, collision } = rebased.value;
  if (collision !== null) return unproven(collision, sessionId);
  const checked = await checkResults(context, opened, { result, rules });
  if (!checked.ok) return unproven(checked.outcome, sessionId);
  const { proof, sealed } = checked.value;
  const proven = outcomeOf(outcome, proof);
  if (proven.type !== "succeeded") return { outcome: proven, sessionId, verdict: proof.verdict };
  const leaving = { project: opened.project, base, result, sealed, summary };
  const problem = await publish(context, leaving);
  return { outcome: problem ?? proven, sessionId, verdict: proof.verdict };
}

function unproven(outcome: Outcome, sessionId: string | null): Ended {
  return { outcome, sessionId, verdict: outcome.type === "succeeded" ? "unverified" : null };
}

/** A check that fails is for the agent to mend; all else about a result is for a person to judge. */
function outcomeOf(outcome: Outcome, { verdict, reasons, outcomes }: Proof): Outcome {
  if (verdict !== "refuted" || !outcomes.some((each) => each.outcome === "failed")) return outcome;
  return { type: "failed", failure: "check-failed", message: reasons.join(" "), retryAt: null };
}

/** A thought ends on the branch of thoughts, in a folder of its own. */
async function commitThought(
  context: AttemptContext,
  { kept, worked, summary }: Done,
): Promise<Ended> {
  const { task, attempt, publishing, clock, control } = context;
  const { outcome, sessionId } = worked;
  const facts = { text: task.text, summary, project: null, receipt: null };
  const more = { taskId: task.id, attempt: attempt.number, verdict: "unverified" as const };
  const spec = {
    taskId: task.id,
    folder: `${task.id}-${slugOf(task.text)}`,
    commit: kept.commit,
    summary,
    message: resultMessage(MESSAGE_TEMPLATE, { ...facts, ...more }),
    at: clock.now(),
  };
  const committed = await recordStep(context, "commit", async () => {
    const key = `commit/${task.id}/${attempt.number}`;
    const effect = { key, kind: "commit" as const };
    const made = await effectOfAttempt(context, effect, async (): Promise<PublishedCommit> => {
      const commit = await publishing.branches.addThought(spec, control.signal);
      const branch = THOUGHTS_BRANCH;
      return { commit, base: kept.commit, baseBranch: null, branch, because: null };
    });
    return { detail: `${made.commit.slice(0, 12)} on ${THOUGHTS_BRANCH}` };
  });
  return unproven(committed.ok ? outcome : committed.outcome, sessionId);
}
