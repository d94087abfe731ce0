import { noForecast } from "../../../src/core/forecast/forecast.ts";
import { openRules } from "../../../src/testing/admission-rules.ts";
import type { Change } from "../../../src/core/change.ts";
import type { Dependency } from "../../../src/core/dependency.ts";
import type { AdmissionRules, LocalFacts } from "../../../src/core/hold.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import type { Project } from "../../../src/core/project.ts";
import { RETRY_RULES_DEFAULT } from "../../../src/core/retry.ts";
import type { Task } from "../../../src/core/task.ts";
import type { AdmitRequest, Inserted, NewTask, Store } from "../../../src/ports/store.ts";

/** A store that holds nothing yet. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: Store;
  /** Opens the same data once more beside `store`, where it can be shared or outlives it. */
  readonly again?: () => Promise<Store>;
}

/** Opens a fresh store for one case. */
export type OpenStore = () => Promise<OpenedStore>;

/** One promise of the port; `run` throws when it is not kept. */
export interface ContractCase {
  readonly name: string;
  readonly run: (opened: OpenedStore) => Promise<void>;
  /** Only for data that can be opened more than once. */
  readonly needsAgain?: true;
}

/** A moment; cases count from it. */
export const NOW: number = Date.UTC(2027, 0, 15, 22);
export const MINUTE_MS = 60_000;

/** A submission; what a case does not care about is the simplest there is. */
export function asked(patch: Partial<NewTask> = {}): NewTask {
  return {
    at: NOW,
    kind: "thought",
    priority: "normal",
    source: "cli",
    text: "Say hello.",
    project: null,
    executor: null,
    model: null,
    timeoutMs: null,
    isolation: null,
    budget: null,
    attemptsMax: 3,
    notBefore: null,
    nightOnly: false,
    deadlineAt: null,
    touches: [],
    dependsOn: [],
    by: "ann",
    ...patch,
  };
}

const CHECKS = [{ name: "test", command: "npm ci && npm test" }];

export function aProject(patch: Partial<Project> = {}): Project {
  return {
    name: "backend",
    location: "/src/backend",
    base: "main",
    parallelMax: 2,
    budget: null,
    checks: CHECKS,
    createdAt: NOW,
    ...patch,
  };
}

/** Rules that hold nothing until a case says so. */
export function rulesWith(patch: Partial<AdmissionRules> = {}): AdmissionRules {
  return openRules({ executorDefault: "claude", ...patch });
}

export const LOCAL: LocalFacts = {
  executors: { claude: { ready: true, provider: "anthropic" } },
  memoryFreeBytes: null,
  diskFreeBytes: null,
};

/** A request to claim; the lease is named after the task unless a case names it. */
export function request(taskId: number, patch: Partial<AdmitRequest> = {}): AdmitRequest {
  return {
    taskId,
    at: NOW,
    lease: { id: `lease-${taskId}`, owner: "host/1", expiresAt: NOW + MINUTE_MS },
    executor: "claude",
    rules: rulesWith(),
    local: LOCAL,
    forecast: noForecast("UTC"),
    ...patch,
  };
}

/** The end of an attempt under `leaseId`. */
export function conclusion(
  leaseId: string,
  outcome: Outcome = { type: "succeeded", summary: "Done." },
  at: number = NOW + 1000,
): Extract<Change, { type: "conclude" }> {
  return {
    type: "conclude",
    at,
    leaseId,
    outcome,
    verdict: outcome.type === "succeeded" ? "verified" : null,
    sessionId: null,
    retryRules: RETRY_RULES_DEFAULT,
    chance: 0,
  };
}

/** The rescuer's word on an attempt whose daemon died. */
export function recovery(
  leaseId: string,
  at: number = NOW + 1000,
): Extract<Change, { type: "recover" }> {
  return { type: "recover", at, leaseId, sessionId: null };
}

export const CRASHED: Outcome = {
  type: "failed",
  failure: "crash",
  message: "It ended.",
  retryAt: null,
};

/** Dependencies on the success of these tasks. */
export function after(...taskIds: readonly number[]): readonly Dependency[] {
  return taskIds.map((taskId) => ({ taskId, condition: "succeeded" }));
}

/** Inserts and answers the task; fails when it is refused. */
export async function insert(store: Store, patch: Partial<NewTask> = {}): Promise<Task> {
  const inserted: Inserted = await store.tasks.insert(asked(patch));
  if (!inserted.ok) throw new Error(`refused: ${inserted.refusal.reason}`);
  return inserted.task;
}

/** Claims and answers the running task; fails when it is refused. */
export async function start(
  store: Store,
  taskId: number,
  patch: Partial<AdmitRequest> = {},
): Promise<Task> {
  const admitted = await store.tasks.admit(request(taskId, patch));
  if (!admitted.ok) throw new Error(`refused: ${admitted.refusal.reason}`);
  return admitted.task;
}

/** Inserts, claims and lets succeed. */
export async function succeed(store: Store, patch: Partial<NewTask> = {}): Promise<Task> {
  const { id } = await insert(store, patch);
  await start(store, id);
  return change(store, id, conclusion(`lease-${id}`));
}

/** Changes and answers the task; fails when it is refused. */
export async function change(store: Store, id: number, what: Change): Promise<Task> {
  const changed = await store.tasks.change(id, what);
  if (!changed.ok) throw new Error(`refused: ${changed.refusal.reason}`);
  return changed.task;
}

/** Everything that can be read of the store, to compare before and after. */
export async function everything(store: Store): Promise<unknown> {
  const page = { before: null, limit: 1000 };
  const tasks = [
    ...(await store.tasks.list({}, page)),
    ...(await store.tasks.list({ trashed: true }, page)),
  ];
  return {
    tasks,
    counts: await store.tasks.counts(),
    attempts: await Promise.all(tasks.map(({ id }) => store.attempts.ofTask(id))),
    effects: await Promise.all(tasks.map(({ id }) => store.effects.ofTask(id))),
    running: await store.attempts.running(),
    dependencies: await Promise.all(tasks.map(({ id }) => store.dependencies.ofTask(id))),
    stuckBehind: await Promise.all(tasks.map(({ id }) => store.dependencies.stuckBehind(id))),
    blocked: await store.dependencies.blocked(1000),
    events: await store.events.after(0, 10_000),
    eventsOfTasks: await Promise.all(
      tasks.map(({ id: taskId }) => store.events.after(0, 1000, { taskId })),
    ),
    projects: await store.projects.list(),
    windows: await store.usage.windows(),
    totals: await store.usage.totals(0),
    facts: await store.shared.facts({ day: 0, night: null }),
    daemons: await store.shared.daemons(),
    books: await store.audit.books(),
  };
}

/** The types of the events after `seq`, oldest first. */
export async function eventTypes(store: Store, seq: number = 0): Promise<readonly string[]> {
  return (await store.events.after(seq, 10_000)).map(({ type }) => type);
}
