import { followUpFrom } from "../core/follow-up.ts";
import type { AdmissionRules } from "../core/hold.ts";
import type { Project } from "../core/project.ts";
import { type PublishedPullRequest, publicationOf } from "../core/published.ts";
import type { Task } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import { type Forge, ForgeFailed } from "../ports/forge.ts";
import type { Log } from "../ports/log.ts";
import type { Publishing } from "../ports/publishing.ts";
import type { Store } from "../ports/store.ts";
import { type Loop, makeLoop } from "./loop.ts";

const LOOK_EVERY_MS = 5 * 60_000;
/** Pull requests of tasks that ended longer ago are left alone. */
const FOLLOWED_MS = 30 * 86_400_000;
/** How many tasks are looked at in one turn, the newest first. */
const TASKS_MAX = 200;
/** So often a forge may send a task back by itself; then a person decides. */
const FOLLOW_UPS_MAX = 5;
const EVENTS_MAX = 1000;

/** What follows pull requests. */
export interface FollowUpParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly publishing: Pick<Publishing, "forgeOf">;
  readonly rules: Pick<AdmissionRules, "order">;
}

/** How far a pull request was read. */
interface Read {
  readonly cursor: string | null;
  readonly told: readonly string[];
}

/**
 * Follows our open pull requests: what members of the repository say and checks that fail send the
 * agent back with these words, in the same session; a merge or a close there is the decision.
 */
export function makeFollowUps(parts: FollowUpParts): Loop {
  const { clock, log } = parts;
  const turn = async (signal: AbortSignal): Promise<number> => {
    for (const task of await openTasksOf(parts)) {
      if (signal.aborted) break;
      try {
        await follow(parts, task, signal);
      } catch (error) {
        if (signal.aborted) break;
        const facts = { taskId: task.id, error };
        if (error instanceof ForgeFailed) log.info("A pull request could not be read now", facts);
        else log.warn("A pull request could not be followed", facts);
      }
    }
    return LOOK_EVERY_MS;
  };
  return makeLoop({ name: "follow-ups", clock, log, turn });
}

async function openTasksOf({ store, clock }: FollowUpParts): Promise<readonly Task[]> {
  const filter = { states: ["succeeded"], finishedSince: clock.now() - FOLLOWED_MS } as const;
  const tasks = await store.tasks.list(filter, { before: null, limit: TASKS_MAX });
  return tasks.filter(({ landing, project }) => landing === null && project !== null);
}

async function follow(parts: FollowUpParts, task: Task, signal: AbortSignal): Promise<void> {
  const { store, publishing } = parts;
  const { pullRequest } = publicationOf(await store.effects.ofTask(task.id));
  if (pullRequest === null) return;
  const project = await projectOf(store, task);
  const forge = project === null ? null : await publishing.forgeOf(project);
  if (forge === null) return;
  const key = `feedback/${task.id}/${pullRequest.number}`;
  const read = JSON.parse((await store.shared.setting(key)) ?? NOTHING_READ) as Read;
  const { state, remarks, cursor } = await forge.feedback(pullRequest.number, read.cursor, signal);
  if (state !== "open") return decided(parts, { task, forge, pullRequest, state }, signal);
  const { notes, ids } = followUpFrom(remarks, new Set(read.told));
  // The task before the cursor: should we die in between, its notes tell what was passed on.
  if (notes.length > 0) await sendBack(parts, task, forge, notes);
  const told = [...read.told, ...ids];
  await store.shared.setSetting(key, JSON.stringify({ cursor, told } satisfies Read));
}

const NOTHING_READ = JSON.stringify({ cursor: null, told: [] } satisfies Read);

async function projectOf(store: Store, { project }: Task): Promise<Project | null> {
  return project === null ? null : store.projects.get(project);
}

async function sendBack(
  { store, clock, log, rules: { order } }: FollowUpParts,
  task: Task,
  forge: Forge,
  notes: readonly string[],
): Promise<void> {
  const open = notes.filter((note) => !task.notes.some((known) => known.includes(note)));
  if (open.length === 0) return;
  const retried = await store.events.after(0, EVENTS_MAX, {
    taskId: task.id,
    types: ["task.retried"],
  });
  const count = retried.filter(({ data }) => data["by"] === forge.kind).length;
  if (count >= FOLLOW_UPS_MAX) {
    log.warn("A pull request sent its task back too often; a person must look", {
      taskId: task.id,
    });
    return;
  }
  const note = open.join("\n\n");
  await store.tasks.change(task.id, {
    type: "retry",
    at: clock.now(),
    by: forge.kind,
    note,
    order,
  });
}

/** Somebody merged or closed it there. */
async function decided(
  { store, clock }: FollowUpParts,
  found: {
    readonly task: Task;
    readonly forge: Forge;
    readonly pullRequest: PublishedPullRequest;
    readonly state: "merged" | "closed";
  },
  signal: AbortSignal,
): Promise<void> {
  const { task, forge, pullRequest, state } = found;
  const isMerged = state === "merged";
  const { head } = await forge.pullRequest(pullRequest.number, signal);
  await store.tasks.change(task.id, {
    type: "settle",
    at: clock.now(),
    by: forge.kind,
    decision: isMerged ? "landed" : "rejected",
    commit: isMerged ? head : null,
    note: isMerged ? null : "The pull request was closed.",
  });
}
