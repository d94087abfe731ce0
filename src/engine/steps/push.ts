import type { Outcome } from "../../core/outcome.ts";
import type { PublishedPush } from "../../core/published.ts";
import type { Pushed } from "../../ports/branches.ts";
import type { AttemptContext } from "../attempt.ts";
import { sentCommits } from "../effect.ts";
import { effectOfAttempt } from "./effect-of-attempt.ts";
import type { Leaving } from "./publish.ts";
import { recordStep, type StepResult } from "./record.ts";
import { afterAWhile, askPerson } from "./unpublished.ts";

/** What came of sending a branch; `problem` ends the attempt. */
export interface PushedBranch {
  readonly detail: string;
  readonly isThere: boolean;
  readonly problem: Outcome | null;
}

/** Sends the commit as the task's branch. What was sent there for the task before is replaced. */
export function pushBranch(
  context: AttemptContext,
  leaving: Leaving,
  commit: string,
): Promise<StepResult<PushedBranch>> {
  const { project, base, branch } = leaving;
  const { task, publishing, store, control } = context;
  return recordStep(context, "push", async () => {
    const against = await rulesAgainst(context, leaving);
    if (against !== null) return against;
    const ours = await sentCommits(store, task.id);
    const spec = { key: `push/${task.id}/${commit}`, kind: "push" as const };
    let pushed: Pushed = { type: "there" };
    const run = async (): Promise<PublishedPush> => {
      const wanted = { branch, commit, ours };
      pushed = await publishing.branches.push(project, wanted, control.signal);
      if (pushed.type === "refused" || pushed.type === "unreachable") throw new NotPushed();
      const compareUrl =
        base.name === null ? null : publishing.compareUrl(project, base.name, branch);
      return { branch, commit, compareUrl };
    };
    try {
      await effectOfAttempt(context, spec, run);
    } catch (error) {
      if (!(error instanceof NotPushed)) throw error;
      return notPushed(context, pushed);
    }
    return { detail: `${branch} ${pushed.type}`, isThere: true, problem: null };
  });
}

/** What the forge says beforehand; a refusal of the push itself is the last word. */
async function rulesAgainst(
  { control }: AttemptContext,
  { forge, branch, rules: { signs } }: Leaving,
): Promise<PushedBranch | null> {
  if (forge === null) return null;
  const rules = await forge.branchRules(branch, control.signal);
  const [why] = [
    ...(rules.isProtected ? [`The branch ${branch} is protected there.`] : []),
    ...rules.against,
    ...(rules.needsSignatures && !signs
      ? [`The branch ${branch} takes signed commits only; see \`git.signing\`.`]
      : []),
  ];
  return why === undefined ? null : { detail: why, isThere: false, problem: askPerson(why) };
}

/** Ends an effect that was not done: its intent stays, and is looked into when it is tried again. */
class NotPushed extends Error {}

function notPushed({ clock }: AttemptContext, pushed: Pushed): PushedBranch {
  if (pushed.type === "unreachable") {
    return {
      detail: pushed.message,
      isThere: false,
      problem: afterAWhile(clock.now(), pushed.message),
    };
  }
  if (pushed.type !== "refused") throw new Error("A branch that is there was not refused");
  const { reason, message } = pushed;
  // It stays with us, where it is proven and can be seen; nothing that a person must do.
  const isFine = reason === "unwritable";
  return { detail: message, isThere: false, problem: isFine ? null : askPerson(message) };
}
