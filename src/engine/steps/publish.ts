import { branchName } from "../../core/branch-name.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Project } from "../../core/project.ts";
import type { PublishedCommit } from "../../core/published.ts";
import { type PublishPlan, publishPlan, type PublishRules } from "../../core/publish.ts";
import type { SealedReceipt } from "../../core/receipt.ts";
import { resultMessage } from "../../core/result-message.ts";
import type { BaseBranch, Fitted } from "../../ports/branches.ts";
import type { Forge } from "../../ports/forge.ts";
import type { AttemptContext } from "../attempt.ts";
import { effectOfAttempt } from "./effect-of-attempt.ts";
import { openPullRequest } from "./open-pull-request.ts";
import { pushBranch } from "./push.ts";
import { recordStep, type StepResult } from "./record.ts";
import { scanSecrets } from "./scan-secrets.ts";

/** A proven result on its way out. */
export interface ToPublish {
  readonly project: Project;
  readonly base: BaseBranch;
  readonly result: Fitted;
  readonly sealed: SealedReceipt;
  /** The agent's last words. */
  readonly summary: string;
}

/** The same with everything that was decided about it. */
export interface Leaving extends ToPublish {
  readonly rules: PublishRules;
  readonly plan: PublishPlan;
  readonly forge: Forge | null;
  readonly branch: string;
  readonly message: string;
}

/**
 * Looks for secrets, commits, sends the branch, opens the pull request: as far as the settings and the
 * verdict allow. Answers the outcome that ends the attempt otherwise, or null when all is well.
 */
export async function publish(
  context: AttemptContext,
  toPublish: ToPublish,
): Promise<Outcome | null> {
  if (toPublish.result.changed.length === 0) return null;
  const leaving = await decided(context, toPublish);
  const scanned = await scanSecrets(context, leaving);
  if (!scanned.ok) return scanned.outcome;
  if (scanned.value.refusal !== null) return scanned.value.refusal;
  const committed = await commitResult(context, leaving);
  if (!committed.ok) return committed.outcome;
  if (!leaving.plan.pushes) return null;
  const pushed = await pushBranch(context, leaving, committed.value.commit);
  if (!pushed.ok) return pushed.outcome;
  if (pushed.value.problem !== null || !pushed.value.isThere) return pushed.value.problem;
  if (!leaving.plan.opens || leaving.forge === null) return null;
  const opened = await openPullRequest(context, { ...leaving, forge: leaving.forge });
  return opened.ok ? null : opened.outcome;
}

async function decided(context: AttemptContext, toPublish: ToPublish): Promise<Leaving> {
  const { task, attempt, publishing } = context;
  const { project, base, sealed, summary } = toPublish;
  const rules = publishing.rulesOf(project.name);
  const forge = await publishing.forgeOf(project);
  const { verdict } = sealed.receipt;
  const facts = { ...rules, project, hasForge: forge !== null, base: base.name, verdict };
  return {
    ...toPublish,
    rules,
    forge,
    plan: publishPlan(facts),
    branch: branchName(rules.branchTemplate, {
      project: project.name,
      id: task.id,
      text: task.text,
    }),
    message: resultMessage(rules.messageTemplate, {
      summary,
      verdict,
      receipt: sealed.sha256,
      text: task.text,
      project: project.name,
      taskId: task.id,
      attempt: attempt.number,
    }),
  };
}

function commitResult(
  context: AttemptContext,
  { project, base, result, plan, branch, message }: Leaving,
): Promise<StepResult<PublishedCommit & { readonly detail: string }>> {
  const { task, attempt, publishing, clock, control } = context;
  return recordStep(context, "commit", async () => {
    const key = `commit/${task.id}/${attempt.number}`;
    const spec = { key, kind: "commit" as const };
    const made = await effectOfAttempt(context, spec, async (): Promise<PublishedCommit> => {
      const parents = [result.base];
      const at = clock.now();
      const wanted = { taskId: task.id, files: result.commit, parents, message, at };
      const commit = await publishing.branches.commit(project, wanted, control.signal);
      const { because } = plan;
      return { commit, base: result.base, baseBranch: base.name, branch, because };
    });
    const why = plan.because === null ? "" : `; ${plan.because}`;
    return { ...made, detail: `${made.commit.slice(0, 12)}${why}` };
  });
}
