import type { Outcome } from "../../core/outcome.ts";
import type { Project } from "../../core/project.ts";
import { taskTitle } from "../../core/result-message.ts";
import { printableLine } from "../../core/terminal.ts";
import type { BaseBranch, Fit, Fitted } from "../../ports/branches.ts";
import { PROJECT_FILE, PROJECT_FILE_BYTES_MAX, type ProofRules } from "../../ports/proof.ts";
import type { Kept, OddEntry } from "../../ports/workspaces.ts";
import type { AttemptContext } from "../attempt.ts";
import { recordStep, type StepResult } from "./record.ts";

/** A result on the newest base, or the words with which its agent is sent back. */
export interface Rebased {
  readonly detail: string;
  readonly base: BaseBranch;
  readonly result: Fitted;
  readonly rules: ProofRules;
  /** Set when it collides with what others did: the outcome of the attempt. */
  readonly collision: Outcome | null;
}

const PATHS_SHOWN = 5;
const PATH_LENGTH_SHOWN = 120;

/**
 * Puts what was kept on what the base branch is now. When both changed the same places the task's
 * folder becomes the merge with both versions marked, and the agent is sent back to resolve it; when
 * its attempts are used up the result stays on its old base, with the doubt told.
 */
export function rebase(
  context: AttemptContext,
  project: Project,
  kept: Kept,
): Promise<StepResult<Rebased>> {
  return recordStep(context, "rebase", async () => {
    const { publishing, task, control } = context;
    const { branches } = publishing;
    const base = await branches.base(project, control.signal);
    const state = { taskId: task.id, commit: kept.commit, message: taskTitle(task.text) };
    const odd = (kept.odd ?? []).slice(0, PATHS_SHOWN).map(oddWords);
    const marked = await branches.settleConflict(project, state, control.signal);
    if (marked.length > 0) return unresolved(context, project, kept, { base, marked, odd });
    const fit = await branches.fit(project, state, base.commit, control.signal);
    if (fit.type === "fits") {
      const own = await rulesOf(context, project, base.commit);
      const rules = { ...own, doubts: [...own.doubts, ...odd] };
      const moved = fit.commit === kept.commit ? "the base has not moved" : "put on a moved base";
      return { detail: moved, base, result: fit, rules, collision: null };
    }
    const words = collisionWords(fit, base);
    const doubtful = await inDoubt(context, project, kept, { base, words, odd });
    if (fit.type === "unrelated" || isLast(context)) return doubtful;
    await branches.openConflict(project, state, base.commit, control.signal);
    const message = `${words} The folder now holds the merge, with both versions marked in these files; resolve them and remove the marks.\n\n${fit.hunks}`;
    return { ...doubtful, collision: conflict(message) };
  });
}

/** The agent ended before it had resolved what it was sent back for; the folder stays as it is. */
async function unresolved(
  context: AttemptContext,
  project: Project,
  kept: Kept,
  { base, marked, odd }: { base: BaseBranch; marked: readonly string[]; odd: readonly string[] },
): Promise<Rebased> {
  const words = `Both versions are still marked in ${namesOf(marked)}.`;
  const doubtful = await inDoubt(context, project, kept, { base, words, odd });
  if (isLast(context)) return doubtful;
  return { ...doubtful, collision: conflict(`${words} Resolve them and remove the marks.`) };
}

/** A result that stays where it began, for a person to judge. */
async function inDoubt(
  context: AttemptContext,
  project: Project,
  kept: Kept,
  { base, words, odd }: { base: BaseBranch; words: string; odd: readonly string[] },
): Promise<Rebased> {
  const result = await onItsOwnBase(context, project, kept);
  const rules = await rulesOf(context, project, result.base);
  const doubtful = { ...rules, doubts: [...rules.doubts, ...odd, words] };
  return { detail: words, base, result, rules: doubtful, collision: null };
}

function isLast({ task }: AttemptContext): boolean {
  return task.attemptsUsed >= task.attemptsMax;
}

function conflict(message: string): Outcome {
  return { type: "failed", failure: "conflict", message, retryAt: null };
}

async function onItsOwnBase(
  { workspaces }: AttemptContext,
  project: Project,
  { commit, changed, insertions, deletions }: Kept,
): Promise<Fitted> {
  const { base } = await workspaces.hashesOf(project, commit);
  return { commit, base, changed, insertions, deletions };
}

/** The rules are those of the base, which the agent cannot have changed. */
export async function rulesOf(
  { publishing, proving }: Pick<AttemptContext, "publishing" | "proving">,
  project: Project,
  base: string,
): Promise<ProofRules> {
  const { branches } = publishing;
  const file = await branches.fileAt(project, base, PROJECT_FILE, PROJECT_FILE_BYTES_MAX);
  return proving.rulesFor(project, file === null ? null : new TextDecoder().decode(file));
}

function oddWords({ path, what }: OddEntry): string {
  const name = printableLine(path, PATH_LENGTH_SHOWN);
  if (what === "link") return `The link ${name} leads out of the tree.`;
  return `The submodule ${name} became plain files.`;
}

function collisionWords(fit: Exclude<Fit, { type: "fits" }>, base: BaseBranch): string {
  const name = base.name ?? "the base";
  if (fit.type === "unrelated") {
    return `It has no history in common with what ${name} is now, and needs a hand.`;
  }
  return `It collides with what ${name} became meanwhile: ${namesOf(fit.paths)}.`;
}

function namesOf(paths: readonly string[]): string {
  const shown = paths.slice(0, PATHS_SHOWN).map((path) => printableLine(path, PATH_LENGTH_SHOWN));
  const more = paths.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
