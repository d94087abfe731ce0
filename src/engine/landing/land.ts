import { ok, problem, type Result } from "../../core/problem.ts";
import { isElsewhere } from "../../core/project.ts";
import { resultMessage, taskTitle } from "../../core/result-message.ts";
import type { Task } from "../../core/task.ts";
import type { BaseBranch } from "../../ports/branches.ts";
import { commitOf, sentCommits, withEffect } from "../effect.ts";
import { proveResult } from "../steps/check-results.ts";
import { rulesOf } from "../steps/rebase.ts";
import type { LandingCall, LandingParts } from "./landings.ts";
import { type Decidable, decidable, settle } from "./settled.ts";
import { answered } from "./words.ts";

type LandCall = LandingCall & { readonly anyway: boolean };

/** A base that has a name. */
type NamedBase = BaseBranch & { readonly name: string };

const SUMMARY_BYTES_MAX = 1024 * 1024;

/** Puts a result on its base branch (see Landings). */
export function land(parts: LandingParts, id: number, call: LandCall): Promise<Result<Task>> {
  return answered(async () => {
    const found = await decidable(parts, id);
    if (!found.ok) return found;
    const { task, project, publication } = found.value;
    if (task.landing?.decision === "landed") return ok(task);
    const refusal = unproven(task, call);
    if (refusal !== null) return refusal;
    // The branch it was made for, whichever is checked out now.
    const aimed = { ...project, base: publication.commit?.baseBranch ?? project.base };
    const base = await parts.publishing.branches.base(aimed, call.signal);
    const { name } = base;
    if (name === null) {
      const advice = `\`sle diff ${id}\` shows it as a patch`;
      return problem("conflict", `Project ${project.name} has no branch to land on; ${advice}.`);
    }
    const named = { name, commit: base.commit };
    const earlier = await landedBefore(parts, found.value, named, call);
    if (earlier !== null) return settled(parts, found.value, call, earlier);
    const ready = await onNewestBase(parts, found.value, named, call);
    if (!ready.ok) return ready;
    const commit = await landOn(parts, found.value, { ...named, result: ready.value }, call);
    return commit.ok ? settled(parts, found.value, call, commit.value) : commit;
  });
}

async function settled(
  parts: LandingParts,
  { task, project, publication }: Decidable,
  { by, tell, signal }: LandCall,
  commit: string,
): Promise<Result<Task>> {
  const noted = await settle(parts, task.id, { by, decision: "landed", commit, note: null });
  const { push } = publication;
  if (!noted.ok || push === null || isElsewhere(project)) return noted;
  // Its commit is on the base now; a forge sees to its own branches.
  const ours = [push.commit, ...(await sentCommits(parts.store, task.id))];
  const gone = { branch: push.branch, commit: null, ours };
  const removed = await parts.publishing.branches.push(project, gone, signal);
  if (removed.type === "refused") tell(`the branch ${push.branch} stays: ${removed.message}`);
  return noted;
}

function unproven({ id, verdict }: Task, { anyway }: LandCall): Result<Task> | null {
  if (verdict === "verified" || anyway) return null;
  const advice = `look at \`sle show ${id}\` and \`sle diff ${id}\`, then \`sle land ${id} --anyway\``;
  return problem("refused", `Task ${id} is ${verdict ?? "unverified"}; ${advice}.`);
}

/**
 * A landing that was cut off after it was done: by the intent's key, whose commit the base has, or by
 * the pull request, which a forge may have squashed; a person may have merged it there, too.
 */
async function landedBefore(
  { store, publishing }: LandingParts,
  { task, project, publication }: Decidable,
  base: NamedBase,
  { signal }: LandCall,
): Promise<string | null> {
  const effects = await store.effects.ofTask(task.id);
  for (const { key, kind, attempt, result } of effects) {
    // What landed of an attempt before is another result.
    if (kind !== "land" || attempt !== task.attempt) continue;
    const commit = commitOf(key);
    if (result !== null) return (JSON.parse(result) as { readonly commit: string }).commit;
    if (await publishing.branches.isIn(project, commit, base.commit)) return commit;
  }
  const number = publication.pullRequest?.number;
  const forge = number === undefined ? null : await publishing.forgeOf(project);
  if (number === undefined || forge === null) return null;
  const { state, head } = await forge.pullRequest(number, signal);
  if (state !== "merged") return null;
  const merged = await forge.merge(number, { head, title: taskTitle(task.text) }, signal);
  return merged.type === "merged" ? merged.commit : null;
}

/** The result as it is, or fitted on a base that moved and checked again there. */
async function onNewestBase(
  parts: LandingParts,
  found: Decidable,
  base: NamedBase,
  call: LandCall,
): Promise<Result<string>> {
  const { task, project, publication } = found;
  const { commit, base: old } = publication.commit ?? { commit: "", base: "" };
  if (base.commit === old) return ok(commit);
  const { branches } = parts.publishing;
  const state = { taskId: task.id, commit, message: taskTitle(task.text) };
  const fit = await branches.fit(project, state, base.commit, call.signal);
  if (fit.type !== "fits") {
    const what =
      fit.type === "conflict"
        ? `collides in ${fit.paths.slice(0, 3).join(", ")}`
        : "has no history in common";
    const advice = `\`sle retry ${task.id}\` lets the agent put it right`;
    return problem("conflict", `It ${what} with what ${base.name} became meanwhile; ${advice}.`);
  }
  if (fit.changed.length === 0) return ok(base.commit);
  call.tell(`${base.name} has moved: checking the result on top of it`);
  const rules = await rulesOf(parts, project, base.commit);
  const { attempt } = found;
  const opened = await parts.artifacts.open(task.id, attempt.number, attempt.admittedAt);
  const files = { project, resultsPath: opened.path, prefix: "landing-" };
  const context = { ...parts, task, attempt, signal: call.signal };
  const { proof, sealed } = await proveResult(context, files, { result: fit, rules });
  if (proof.verdict !== "verified" && !call.anyway) {
    const why = proof.reasons.join(" ");
    return problem("refused", `On what ${base.name} is now it is ${proof.verdict}: ${why}`);
  }
  const summary = await parts.artifacts.tail(opened.path, "final.md", SUMMARY_BYTES_MAX);
  const { messageTemplate } = parts.publishing.rulesOf(project.name);
  const message = resultMessage(messageTemplate, {
    text: task.text,
    summary: summary ?? "",
    project: project.name,
    taskId: task.id,
    attempt: attempt.number,
    verdict: proof.verdict,
    receipt: sealed.sha256,
  });
  const parents = [base.commit];
  const spec = { taskId: task.id, files: fit.commit, parents, message, at: parts.clock.now() };
  return ok(await branches.commit(project, spec, call.signal));
}

/** Moves the branch here, or has the forge merge there. */
async function landOn(
  parts: LandingParts,
  { task, project, publication }: Decidable,
  { name, commit: expected, result }: NamedBase & { readonly result: string },
  call: LandCall,
): Promise<Result<string>> {
  const { branches, forgeOf } = parts.publishing;
  const spec = {
    key: `land/${task.id}/${result}`,
    kind: "land" as const,
    taskId: task.id,
    attempt: task.attempt,
  };
  let why = "";
  const run = async (): Promise<{ readonly commit: string }> => {
    if (!isElsewhere(project)) {
      const move = { branch: name, expected, commit: result };
      const moved = await branches.landLocally(project, move, call.signal);
      if (moved.type !== "refused") return { commit: moved.commit };
      why = moved.message;
      throw new NotLanded();
    }
    const forge = await forgeOf(project);
    const { pullRequest, push } = publication;
    if (forge === null || pullRequest === null || push === null) {
      const where = push?.compareUrl == null ? "" : ` at ${push.compareUrl}`;
      why = `Results for a repository elsewhere land by a pull request; open one${where}, or set its host under \`forges\`.`;
      throw new NotLanded();
    }
    if (result !== push.commit) {
      const ours = [push.commit, ...(await sentCommits(parts.store, task.id))];
      const wanted = { branch: push.branch, commit: result, ours };
      const pushed = await branches.push(project, wanted, call.signal);
      if (pushed.type === "refused" || pushed.type === "unreachable") {
        why = pushed.message;
        throw new NotLanded();
      }
    }
    const ask = { head: result, title: taskTitle(task.text) };
    const merged = await forge.merge(pullRequest.number, ask, call.signal);
    if (merged.type === "merged") return { commit: merged.commit };
    why = merged.message;
    throw new NotLanded();
  };
  try {
    return ok((await withEffect(parts, spec, run)).commit);
  } catch (error) {
    if (error instanceof NotLanded) return problem("refused", why);
    throw error;
  }
}

/** Ends an effect that was not done: its intent stays, and is looked into when it is tried again. */
class NotLanded extends Error {}
