import { type Budget, isSpent } from "./budget.ts";
import { spentWords } from "./budget-text.ts";
import type { Change, ChangeEvent, Changed } from "./change.ts";
import { concludeAttempt, requeueInterrupted } from "./conclude.ts";
import { formatDependency } from "./dependency.ts";
import { boostMs, orderKeyFor } from "./order.ts";
import { raiseWords } from "./policies/budget.ts";
import { isFinal, type Task } from "./task.ts";

type Of<T extends Change["type"]> = Extract<Change, { type: T }>;

/**
 * The whole state machine: what `change` makes of `task`. Pure; the only place where a task's state
 * changes. A refused change leaves no trace. The caller stores row and events in one transaction.
 */
export function applyChange(task: Task, change: Change): Changed {
  switch (change.type) {
    case "admit":
      return admit(task, change);
    case "conclude":
      return conclude(task, change);
    case "recover":
      return recover(task, change);
    case "cancel":
      return cancel(task, change);
    case "retry":
      return retry(task, change);
    case "answer":
      return answer(task, change);
    case "edit":
      return edit(task, change);
    case "depend":
      return depend(task, change);
    case "settle":
      return settle(task, change);
    case "trash":
      return trash(task, change);
    case "restore":
      return restore(task, change);
  }
}

function admit(task: Task, change: Of<"admit">): Changed {
  if (task.state !== "queued") return wrongState(task, "only a queued task can start");
  if (task.unmetDependencies > 0) return wrongState(task, "it waits for other tasks");
  if (task.attemptsUsed >= task.attemptsMax) return wrongState(task, "its attempts are used up");
  const attempt = task.attempt + 1;
  return changed(
    task,
    change,
    {
      state: "running",
      attempt,
      attemptsUsed: task.attemptsUsed + 1,
      lease: change.lease,
      notBefore: null,
      verdict: null,
    },
    [{ type: "task.admitted", data: { attempt, owner: change.lease.owner } }],
  );
}

function conclude(task: Task, change: Of<"conclude">): Changed {
  if (task.lease?.id !== change.leaseId) return leaseLost();
  const conclusion = concludeAttempt(task, change);
  return changed(task, change, { lease: null, ...conclusion.patch }, [conclusion.event]);
}

function recover(task: Task, change: Of<"recover">): Changed {
  if (task.lease?.id !== change.leaseId) return leaseLost();
  const sessionId = change.sessionId === undefined ? task.sessionId : change.sessionId;
  const conclusion = requeueInterrupted(task, change.at, "daemon-died", sessionId);
  return changed(task, change, { lease: null, ...conclusion.patch }, [
    { type: "task.recovered", data: { attempt: task.attempt } },
    conclusion.event,
  ]);
}

function cancel(task: Task, change: Of<"cancel">): Changed {
  const data = { by: change.by, reason: change.reason };
  if (isFinal(task.state)) return wrongState(task, "it has ended already");
  if (task.state === "running") {
    if (task.cancelRequestedAt !== null) return changed(task, change, {}, []);
    return changed(task, change, { cancelRequestedAt: change.at }, [
      { type: "task.cancel-requested", data },
    ]);
  }
  return changed(
    task,
    change,
    {
      state: "cancelled",
      failure: null,
      question: null,
      finishedAt: change.at,
      trashedAt: change.at,
    },
    [{ type: "task.cancelled", data }],
  );
}

function retry(task: Task, change: Of<"retry">): Changed {
  if (task.state === "running") return wrongState(task, "it is running; use `sle say` to steer it");
  const budget = change.budget === undefined ? task.budget : change.budget;
  if (hasSpent(task, budget)) return spentState(task, budget);
  const data = { by: change.by, note: change.note };
  return changed(
    task,
    change,
    { ...queuedAgain(task, change), notes: withNote(task, change.note), budget },
    [{ type: "task.retried", data: change.budget === undefined ? data : { ...data, budget } }],
  );
}

function answer(task: Task, change: Of<"answer">): Changed {
  if (task.state !== "waiting") return wrongState(task, "it asks nothing");
  if (hasSpent(task, task.budget)) return spentState(task, task.budget);
  return changed(
    task,
    change,
    { ...queuedAgain(task, change), notes: withNote(task, change.text) },
    [{ type: "task.answered", data: { by: change.by } }],
  );
}

function edit(task: Task, change: Of<"edit">): Changed {
  if (task.state !== "queued") return wrongState(task, "only a queued task can be edited");
  const priority = change.priority ?? task.priority;
  const notBefore = change.notBefore === undefined ? task.notBefore : change.notBefore;
  const orderKey =
    task.orderKey + boostMs(task.priority, change.order) - boostMs(priority, change.order);
  return changed(task, change, { priority, notBefore, orderKey }, [
    { type: "task.edited", data: { by: change.by, priority, notBefore } },
  ]);
}

function depend(task: Task, change: Of<"depend">): Changed {
  if (task.state !== "queued") return wrongState(task, "only a queued task can wait for others");
  const { by, dependsOn, unmet } = change;
  return changed(task, change, { dependsOn, unmetDependencies: unmet }, [
    { type: "task.edited", data: { by, dependsOn: dependsOn.map(formatDependency) } },
  ]);
}

function settle(task: Task, change: Of<"settle">): Changed {
  const { decision, at, by, commit, note } = change;
  if (task.state !== "succeeded") return wrongState(task, "it has no result to decide about");
  const before = task.landing?.decision;
  if (before === decision) return changed(task, change, {}, []);
  if (before === "landed") return wrongState(task, "its result has landed already");
  return changed(task, change, { landing: { decision, at, by, commit, note } }, [
    { type: `task.${decision}`, data: { by, commit, note } },
  ]);
}

function trash(task: Task, change: Of<"trash">): Changed {
  if (!isFinal(task.state)) return wrongState(task, "cancel it first");
  if (task.trashedAt !== null) return changed(task, change, {}, []);
  return changed(task, change, { trashedAt: change.at }, [
    { type: "task.trashed", data: { by: change.by } },
  ]);
}

function restore(task: Task, change: Of<"restore">): Changed {
  if (task.trashedAt === null) return wrongState(task, "it is not in the trash");
  // What was cancelled goes on as it was planned; a start that was put off stays put off.
  const isQueued = task.state === "cancelled";
  if (isQueued && hasSpent(task, task.budget)) return spentState(task, task.budget);
  const queued = { ...queuedAgain(task, change), notBefore: task.notBefore };
  const patch = isQueued ? queued : { trashedAt: null };
  return changed(task, change, patch, [{ type: "task.restored", data: { by: change.by } }]);
}

/**
 * A fresh budget of attempts; the session stays, so that the agent goes on where it was. A task
 * that had not ended keeps its place, one that had goes to the end of its lane.
 */
function queuedAgain(task: Task, { at, order }: Change): Partial<Task> {
  return {
    state: "queued",
    attemptsUsed: 0,
    notBefore: null,
    cancelRequestedAt: null,
    failure: null,
    question: null,
    landing: null,
    finishedAt: null,
    trashedAt: null,
    orderKey: isFinal(task.state) ? orderKeyFor({ ...task, queuedAt: at }, order) : task.orderKey,
  };
}

/** So no task in the queue has spent its own budget, and a lane's head never waits for a person. */
function hasSpent({ spent }: Task, budget: Budget | null): budget is Budget {
  return budget !== null && isSpent(budget, spent);
}

function spentState(task: Task, budget: Budget): Changed {
  const spent = `${spentWords(budget, task.spent)} of its budget are spent`;
  return wrongState(task, `${spent}; ${raiseWords(task.id)}`);
}

function withNote(task: Task, note: string | null): readonly string[] {
  return note === null ? task.notes : [...task.notes, note];
}

function changed(
  task: Task,
  change: Change,
  patch: Partial<Task>,
  events: readonly ChangeEvent[],
): Changed {
  return {
    ok: true,
    task: { ...task, ...patch, version: task.version + 1, updatedAt: change.at },
    events,
  };
}

function wrongState(task: Task, why: string): Changed {
  const message = `Task ${task.id} is ${task.state}: ${why}.`;
  return { ok: false, refusal: { reason: "wrong-state", state: task.state, message } };
}

function leaseLost(): Changed {
  return { ok: false, refusal: { reason: "lease-lost" } };
}
