import { noForecast } from "../../../src/core/forecast/forecast.ts";
import { openRules, quotaOf } from "../../../src/testing/admission-rules.ts";
import { NOTHING_SPENT } from "../../../src/core/budget.ts";
import type { Change, Changed } from "../../../src/core/change.ts";
import type { Dependency } from "../../../src/core/dependency.ts";
import type { AdmissionRules, Snapshot } from "../../../src/core/hold.ts";
import type { QuotaWindow } from "../../../src/core/quota.ts";
import type { Lease, Task } from "../../../src/core/task.ts";

/** A Tuesday, 21:00 in UTC. */
export const NOW: number = Date.parse("2026-11-24T21:00:00Z");
export const MINUTE: number = 60_000;
export const HOUR: number = 3_600_000;

export const LEASE: Lease = { id: "lease-1", owner: "daemon-1", expiresAt: NOW + MINUTE };

/** A queued thought; `patch` says what is special. */
export function taskOf(patch: Partial<Task> = {}): Task {
  return {
    id: 7,
    version: 1,
    state: "queued",
    kind: "thought",
    priority: "normal",
    source: "cli",
    text: "count the stars",
    notes: [],
    template: null,
    project: null,
    executor: null,
    model: null,
    timeoutMs: null,
    isolation: null,
    budget: null,
    spent: NOTHING_SPENT,
    attemptsMax: 3,
    attemptsUsed: 0,
    attempt: 0,
    sessionId: null,
    lease: null,
    notBefore: null,
    nightOnly: false,
    deadlineAt: null,
    touches: [],
    dependsOn: [],
    unmetDependencies: 0,
    lane: "thought|||",
    orderKey: NOW - HOUR,
    cancelRequestedAt: null,
    failure: null,
    question: null,
    landing: null,
    verdict: null,
    createdAt: NOW - HOUR,
    updatedAt: NOW - HOUR,
    finishedAt: null,
    trashedAt: null,
    ...patch,
  };
}

/** Dependencies on the success of these tasks. */
export function onSuccessOf(...taskIds: readonly number[]): readonly Dependency[] {
  return taskIds.map((taskId) => ({ taskId, condition: "succeeded" }));
}

/** A task in its first attempt under `LEASE`. */
export function runningTask(patch: Partial<Task> = {}): Task {
  return taskOf({ state: "running", attempt: 1, attemptsUsed: 1, lease: LEASE, ...patch });
}

/** The end of the attempt under `LEASE`: a success unless `patch` says otherwise. */
export function concludeOf(
  patch: Partial<Extract<Change, { type: "conclude" }>> = {},
): Extract<Change, { type: "conclude" }> {
  return {
    type: "conclude",
    at: NOW,
    leaseId: LEASE.id,
    outcome: { type: "succeeded", summary: "done" },
    verdict: null,
    sessionId: "session-1",
    retryRules: { backoffBaseMs: 30_000, backoffMaxMs: 3_600_000 },
    chance: 0,
    ...patch,
  };
}

/** Settings under which nothing is held. */
export function rulesOf(patch: Partial<AdmissionRules> = {}): AdmissionRules {
  return openRules({ parallelMax: 3, quota: quotaOf(0.8, 0.95), ...patch });
}

/** Facts under which nothing is held. */
export function snapshotOf(patch: Partial<Snapshot> = {}): Snapshot {
  return {
    now: NOW,
    rules: rulesOf(),
    forecast: noForecast("UTC"),
    admission: { mode: "open", until: null, by: "setup" },
    running: [],
    quotaWindows: [],
    projectParallelMax: {},
    usdToday: 0,
    executors: { "claude-code": { ready: true, provider: "claude" } },
    memoryFreeBytes: null,
    diskFreeBytes: null,
    ...patch,
  };
}

/** An open five-hour window of which nothing is known. */
export function windowOf(patch: Partial<QuotaWindow> = {}): QuotaWindow {
  return {
    provider: "claude",
    window: "five_hour",
    used: null,
    resetsAt: NOW + 2 * HOUR,
    status: "open",
    source: "observed",
    observedAt: NOW - MINUTE,
    ...patch,
  };
}

/** What an accepted change makes of `task`, with everything not named left as it was. */
export function accepted(task: Task, patch: Partial<Task>, ...events: readonly object[]): Changed {
  const after = { ...task, version: task.version + 1, updatedAt: NOW, ...patch };
  return { ok: true, task: after, events: events as never };
}

/** The refusal of a state. */
export function wrongState(task: Task, message: string): Changed {
  return { ok: false, refusal: { reason: "wrong-state", state: task.state, message } };
}
