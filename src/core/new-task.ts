import { type Budget, NOTHING_SPENT } from "./budget.ts";
import { type Condition, type Dependency, distinctDependencies } from "./dependency.ts";
import type { NewEvent } from "./event.ts";
import type { IsolationLevel } from "./isolation.ts";
import { laneOf } from "./lane.ts";
import { type OrderRules, orderKeyFor } from "./order.ts";
import type { Instant, Priority, Source, Task, TaskKind, TaskTemplate } from "./task.ts";

/** What someone asked for, checked, before it is a task. */
export interface Asked {
  readonly at: Instant;
  readonly kind: TaskKind;
  readonly priority: Priority;
  readonly source: Source;
  readonly text: string;
  readonly template?: TaskTemplate | null | undefined;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
  readonly timeoutMs: number | null;
  readonly isolation: IsolationLevel | null;
  /** Absent: no limit of its own. */
  readonly budget?: Budget | null;
  readonly attemptsMax: number;
  readonly notBefore: Instant | null;
  readonly nightOnly: boolean;
  readonly deadlineAt: Instant | null;
  /** Files and folders that it is likely to touch; absent: none are known. */
  readonly touches?: readonly string[] | undefined;
  readonly dependsOn: readonly Dependency[];
  readonly by: string;
  /** The weights that it gets its place by; absent: the default ones. */
  readonly order?: OrderRules | undefined;
}

/** The queued task that `asked` becomes; `dependsOn` loses repetitions, `unmet` of them are not met. */
export function newTask(id: number, asked: Asked, unmet: number): Task {
  return {
    id,
    version: 1,
    state: "queued",
    kind: asked.kind,
    priority: asked.priority,
    source: asked.source,
    text: asked.text,
    notes: [],
    template: asked.template ?? null,
    project: asked.project,
    executor: asked.executor,
    model: asked.model,
    timeoutMs: asked.timeoutMs,
    isolation: asked.isolation,
    budget: asked.budget ?? null,
    spent: NOTHING_SPENT,
    attemptsMax: asked.attemptsMax,
    attemptsUsed: 0,
    attempt: 0,
    sessionId: null,
    lease: null,
    notBefore: asked.notBefore,
    nightOnly: asked.nightOnly,
    deadlineAt: asked.deadlineAt,
    touches: asked.touches ?? [],
    dependsOn: distinctDependencies(asked.dependsOn),
    unmetDependencies: unmet,
    lane: laneOf(asked),
    orderKey: orderKeyFor({ ...asked, queuedAt: asked.at }, asked.order),
    cancelRequestedAt: null,
    failure: null,
    question: null,
    landing: null,
    verdict: null,
    createdAt: asked.at,
    updatedAt: asked.at,
    finishedAt: null,
    trashedAt: null,
  };
}

/** What is asked of the next task of a chain: the same, once the one before came to `condition`. */
export function askedAfter(asked: Asked, taskId: number, condition: Condition): Asked {
  return { ...asked, notBefore: null, dependsOn: [{ taskId, condition }] };
}

/** The event that tells of a new task. */
export function queuedEvent(task: Task, by: string): NewEvent {
  const { kind, priority, source, project } = task;
  return {
    type: "task.queued",
    at: task.createdAt,
    taskId: task.id,
    attempt: null,
    data: { by, kind, priority, source, project },
  };
}

/** True when nothing of the task's own keeps it from starting: queued, dependencies met, `notBefore` passed. */
export function isStartable(task: Task, at: Instant): boolean {
  return (
    task.state === "queued" &&
    task.unmetDependencies === 0 &&
    (task.notBefore === null || task.notBefore <= at)
  );
}
