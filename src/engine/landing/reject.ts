import type { Result } from "../../core/problem.ts";
import { problem } from "../../core/problem.ts";
import type { Task } from "../../core/task.ts";
import type { Forge } from "../../ports/forge.ts";
import { sentCommits, withEffect } from "../effect.ts";
import { markerOf } from "../steps/open-pull-request.ts";
import type { LandingCall, LandingParts } from "./landings.ts";
import { type Decidable, decidable, settle } from "./settled.ts";
import { answered } from "./words.ts";

/** Notes that a result is not wanted (see Landings). */
export function reject(
  parts: LandingParts,
  id: number,
  call: LandingCall & { readonly note: string | null },
): Promise<Result<Task>> {
  return answered(async () => {
    const found = await decidable(parts, id);
    if (!found.ok) return found;
    const { task } = found.value;
    if (task.landing?.decision === "landed") {
      return problem(
        "conflict",
        `Task ${id} has landed already; revert its commit ${task.landing.commit ?? ""} instead.`,
      );
    }
    const refusal = await takeBack(parts, found.value, call);
    if (refusal !== null) return refusal;
    const { by, note } = call;
    return settle(parts, id, { by, note, decision: "rejected", commit: null });
  });
}

/** Closes the pull request with the reason and removes the branch; what others put there stays. */
async function takeBack(
  parts: LandingParts,
  { task, project, publication }: Decidable,
  call: LandingCall & { readonly note: string | null },
): Promise<Result<Task> | null> {
  const { signal, tell } = call;
  const { branches, forgeOf } = parts.publishing;
  const { pullRequest, push } = publication;
  const forge = pullRequest === null ? null : await forgeOf(project);
  if (forge !== null && pullRequest !== null) {
    tell(`closing ${pullRequest.url}`);
    await sayWhy(parts, task, { forge, number: pullRequest.number }, call);
    await forge.close(pullRequest.number, signal);
  }
  if (push === null) return null;
  const gone = {
    branch: push.branch,
    commit: null,
    ours: [push.commit, ...(await sentCommits(parts.store, task.id))],
  };
  const pushed = await branches.push(project, gone, signal);
  switch (pushed.type) {
    case "unreachable":
      return problem("refused", pushed.message);
    case "refused":
      tell(`the branch ${push.branch} stays: ${pushed.message}`);
      return null;
    case "pushed":
    case "there":
      return null;
  }
}

async function sayWhy(
  parts: LandingParts,
  task: Task,
  { forge, number }: { readonly forge: Forge; readonly number: number },
  { note, signal }: LandingCall & { readonly note: string | null },
): Promise<void> {
  if (note === null) return;
  const marker = `${await markerOf({ ...parts, task })}/rejected/${task.attempt}`;
  const key = `comment/${task.id}/rejected/${task.attempt}`;
  const spec = { key, kind: "comment" as const, taskId: task.id, attempt: task.attempt };
  await withEffect(parts, spec, async () => {
    await forge.comment(number, { marker, text: note }, signal);
    return { number };
  });
}
