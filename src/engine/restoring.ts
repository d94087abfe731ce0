import { type Problem, type Result, ok, problem } from "../core/problem.ts";
import type { Task } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import {
  type KeptState,
  type Restored,
  type RestoreRefusal,
  type RestoreRequest,
  type Workspaces,
  WorkspaceUnavailable,
} from "../ports/workspaces.ts";

/** The door to what was kept of tasks; works with the daemon up or down. */
export interface Restoring {
  /** The states of a task that can be brought back, newest first; a problem when there are none. */
  readonly states: (id: number) => Promise<Result<readonly KeptState[]>>;
  /** Brings a state back; refused while the task runs, unless the files go elsewhere. */
  readonly restore: (
    id: number,
    by: string,
    request: RestoreRequest,
    signal: AbortSignal,
  ) => Promise<Result<Restored>>;
}

/** What the door works with. */
export interface RestoringParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly workspaces: Workspaces;
}

/** Opens the door. */
export function openRestoring(parts: RestoringParts): Restoring {
  const { store, workspaces } = parts;
  return {
    states: (id) =>
      withProblems(async () => {
        const states = await workspaces.states(id);
        if (states.length > 0) return ok(states);
        return { ok: false, problem: nothingKept(id, await store.tasks.get(id)) };
      }),
    restore: (id, by, request, signal) =>
      withProblems(async () => {
        const task = await store.tasks.get(id);
        const no = request.into === null ? refusalOf(id, task) : null;
        if (no !== null && (await workspaces.states(id)).length > 0) {
          return { ok: false, problem: no };
        }
        const answer = await workspaces.restore(id, request, signal);
        const about = { id, task, isOwn: request.into === null };
        if (!answer.ok) return { ok: false, problem: problemOf(about, answer.refusal) };
        await tell(parts, id, by, request, answer.restored);
        return ok(answer.restored);
      }),
  };
}

/** When a task's own folder was last brought back; null when it never was. */
export async function lastRestoredAt(store: Store, taskId: number): Promise<number | null> {
  const filter = { taskId, types: ["workspace.restored"] } as const;
  let last: number | null = null;
  let after = 0;
  for (;;) {
    const events = await store.events.after(after, EVENTS_PAGE, filter);
    for (const { at, seq, data } of events) {
      after = seq;
      if (data["into"] === null) last = at;
    }
    if (events.length < EVENTS_PAGE) return last;
  }
}

const EVENTS_PAGE = 200;

function refusalOf(id: number, task: Task | null): Problem | null {
  if (task === null) {
    const message = `Task ${id} is not known any more, so nothing works in its folder; \`sle restore ${id} --into FOLDER\` brings its files back.`;
    return { code: "conflict", message, fields: [] };
  }
  if (task.state !== "running") return null;
  const message = `Task ${id} is running in its folder; \`sle cancel ${id}\` ends it, \`sle restore ${id} --into FOLDER\` needs no end.`;
  return { code: "conflict", message, fields: [] };
}

const OWN_ADVICE = "`--replace` keeps what is in it and puts it aside first.";
const OTHER_ADVICE = "name one that is not there yet.";

function problemOf(
  { id, task, isOwn }: { readonly id: number; readonly task: Task | null; readonly isOwn: boolean },
  refusal: RestoreRefusal,
): Problem {
  const conflict = (message: string): Problem => ({ code: "conflict", message, fields: [] });
  switch (refusal.reason) {
    case "nothing-kept":
      return nothingKept(id, task);
    case "no-such-state": {
      const message = `Task ${id} has no such state; \`sle restore ${id} --list\` shows those it has.`;
      return { code: "not-found", message, fields: [] };
    }
    case "in-the-way":
      return conflict(`${refusal.path} is in the way: ${isOwn ? OWN_ADVICE : OTHER_ADVICE}`);
    case "no-parent":
      return conflict(
        `${refusal.path} can only be made in a folder that is there; make that first.`,
      );
  }
}

function nothingKept(id: number, task: Task | null): Problem {
  const message =
    task === null
      ? `There is no task ${id}; \`sle ls\` lists the tasks.`
      : `Nothing was kept of task ${id} yet: a state is kept when an attempt ends.`;
  return { code: "not-found", message, fields: [] };
}

async function tell(
  { store, clock }: RestoringParts,
  taskId: number,
  by: string,
  { into }: RestoreRequest,
  { attempt, commit, from }: Restored,
): Promise<void> {
  await store.events.append({
    type: "workspace.restored",
    at: clock.now(),
    taskId,
    attempt: null,
    data: { by, keptAttempt: attempt, commit, from, into },
  });
}

/** What workspaces throw by design has a sentence that says what to do. */
async function withProblems<T>(action: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof WorkspaceUnavailable)) throw error;
    return problem("conflict", error.message);
  }
}
