import { bookkeepingOf } from "../../core/bookkeeping.ts";
import { spendingSince, type SpendingSince } from "../../core/budget.ts";
import type { RunningTask, StoredFacts } from "../../core/hold.ts";
import { applyChange } from "../../core/lifecycle.ts";
import { newAttempt } from "../../core/new-attempt.ts";
import { judge } from "../../core/plan.ts";
import type { QuotaWindow } from "../../core/quota.ts";
import type { Admitted, AdmitRequest } from "../../ports/store.ts";
import { spendingOf } from "./spending.ts";
import { appendEvents, sortedBy, type State } from "./state.ts";

/** Judges the task on what is stored now, and lets it take the lease. */
export function admit(state: State, request: AdmitRequest): Admitted {
  const { taskId, at, lease, rules, local, forecast } = request;
  const before = state.tasks.get(taskId);
  if (before === undefined) return { ok: false, refusal: { reason: "not-found" }, holds: [] };
  const change = { type: "admit", at, lease } as const;
  const changed = applyChange(before, change);
  if (before.state === "queued") {
    const facts = factsOf(state, spendingSince(rules.hours, at));
    const holds = judge(before, { ...facts, ...local, now: at, rules, forecast });
    const [first] = holds;
    if (first !== undefined) {
      return { ok: false, refusal: { reason: "held", message: first.reason }, holds };
    }
  }
  if (!changed.ok) return { ok: false, refusal: changed.refusal, holds: [] };
  const attempt = newAttempt(changed.task, request);
  state.tasks.set(taskId, changed.task);
  state.attempts.set(taskId, [...(state.attempts.get(taskId) ?? []), attempt]);
  appendEvents(state, bookkeepingOf(before, change, changed).events);
  return { ok: true, task: changed.task, attempt };
}

/** What admission judges by. */
export function factsOf(state: State, since: SpendingSince): StoredFacts {
  const projects = sortedBy(state.projects.values(), ({ name }) => name);
  return {
    admission: state.admission,
    running: runningTasks(state),
    quotaWindows: windowsOf(state),
    projectParallelMax: Object.fromEntries(
      projects.map(({ name, parallelMax }) => [name, parallelMax]),
    ),
    ...spendingOf(state, since),
  };
}

/** Every quota window, by provider and name. */
export function windowsOf(state: State): readonly QuotaWindow[] {
  return sortedBy(
    [...state.windows.values()].map(({ window }) => window),
    ({ provider }) => provider,
    ({ window }) => window,
  );
}

function runningTasks(state: State): readonly RunningTask[] {
  const running: RunningTask[] = [];
  for (const { id, project, kind, model, touches, state: its } of state.tasks.values()) {
    const attempt = state.attempts.get(id)?.at(-1);
    if (its !== "running" || attempt === undefined) continue;
    const { executor, admittedAt } = attempt;
    running.push({ id, project, kind, executor, model, admittedAt, touches });
  }
  return running;
}
