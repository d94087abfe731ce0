import type { Budget } from "../core/budget.ts";
import type { Change } from "../core/change.ts";
import type { DependencyInput } from "../core/dependency-input.ts";
import type { Admission } from "../core/hold.ts";
import type { OrderRules } from "../core/order.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import type { Project } from "../core/project.ts";
import type { QueueLimits } from "../core/queue.ts";
import { type Submission, type SubmissionInput, checkSubmission } from "../core/submission.ts";
import { type Instant, type Priority, type Source, type Task, isFinal } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Message, Store } from "../ports/store.ts";
import { submitChain, type SubmittedChain, type WantedChain } from "./chain.ts";
import {
  cancelAlong,
  type CancelledTasks,
  insertProblem,
  replaceDependencies,
} from "./dependencies.ts";
import {
  addProject,
  changeProject,
  type NewProject,
  readBudget,
  removeProject,
  type WrittenPatch,
} from "./projects.ts";
import { invalidSubmission, noTask, refusalProblem } from "./refusal-problem.ts";

/** What a submission became; warnings tell what was cleaned from its text. */
export interface Submitted {
  readonly task: Task;
  readonly warnings: readonly string[];
}

/** Who asks, and by which way in. */
export interface Submitter {
  readonly by: string;
  readonly source: Source;
}

/** The one door to write. Every surface calls it; what a person did wrong comes back as a problem. */
export interface Tasks {
  readonly submit: (input: SubmissionInput, from: Submitter) => Promise<Result<Submitted>>;
  /** Queues tasks of which each waits for the one before: all or none, in one transaction. */
  readonly submitChain: (wanted: WantedChain, from: Submitter) => Promise<Result<SubmittedChain>>;
  /** Checks a submission as `submit` does and writes nothing. */
  readonly check: (input: SubmissionInput, source: Source) => Result<Submission>;
  readonly cancel: (id: number, by: string, reason?: string) => Promise<Result<Task>>;
  /** Cancels a task and all that wait for it, over others too; but not who only waits for its end. */
  readonly cancelAlong: (
    id: number,
    by: string,
    reason?: string,
  ) => Promise<Result<CancelledTasks>>;
  /** With a budget as written, all attempts together may cost that from now on; `none` takes it away. */
  readonly retry: (id: number, by: string, note?: string, budget?: string) => Promise<Result<Task>>;
  readonly answer: (id: number, by: string, text: string) => Promise<Result<Task>>;
  readonly edit: (
    id: number,
    by: string,
    patch: { readonly priority?: Priority; readonly notBefore?: Instant | null },
  ) => Promise<Result<Task>>;
  /** Lets a queued task wait for these instead of what it waited for; for none, it may start. */
  readonly depend: (
    id: number,
    by: string,
    dependsOn: readonly DependencyInput[],
  ) => Promise<Result<Task>>;
  /** Words for a running task; they reach the agent while it works, or the next attempt's start. */
  readonly say: (id: number, by: string, text: string) => Promise<Result<Message>>;
  readonly trash: (id: number, by: string) => Promise<Result<Task>>;
  readonly restore: (id: number, by: string) => Promise<Result<Task>>;
  /** Removes what was trashed before `before` for good; answers the ids. */
  readonly emptyTrash: (before: Instant) => Promise<Result<readonly number[]>>;
  /** Opens, pauses or drains admission for all daemons. */
  readonly setAdmission: (
    mode: Admission["mode"],
    by: string,
    until?: Instant,
  ) => Promise<Result<Admission>>;
  readonly addProject: (project: NewProject) => Promise<Result<Project>>;
  /** Changes what the patch names of a project. */
  readonly changeProject: (name: string, patch: WrittenPatch) => Promise<Result<Project>>;
  readonly removeProject: (name: string) => Promise<Result<string>>;
}

/** Longest message to a running agent. */
export const MESSAGE_MAX_CHARACTERS = 20_000;

/** What the door needs. */
export interface TasksParts {
  readonly store: Store;
  readonly clock: Clock;
  /** How many attempts a task has that asks for no number. */
  readonly attemptsMaxDefault: number;
  /** The budget of a task that asks for none; absent: no limit. */
  readonly budgetDefault?: Budget | null;
  /** How many tasks may be queued; absent: any number. */
  readonly queueLimits?: QueueLimits;
  /** The weights that tasks get their places by; absent: the default ones. */
  readonly order?: OrderRules;
}

/** Opens the door over a store. */
export function openTasks(parts: TasksParts): Tasks {
  const { store, clock } = parts;
  const change = (id: number, make: Change): Promise<Result<Task>> => applied(parts, id, make);
  return {
    submit: (input, from) => submit(parts, input, from),
    submitChain: (wanted, from) => submitChain(parts, wanted, from),
    check: (input, source) => checked(parts, input, source),
    cancel: (id, by, reason) =>
      change(id, { type: "cancel", at: clock.now(), by, reason: reason ?? null }),
    retry: (id, by, note, budget) => retry(parts, id, { by, note: note ?? null, budget }),
    answer: (id, by, text) =>
      text.trim() === ""
        ? Promise.resolve(problem("invalid", 'An answer needs words: `sle answer 12 "yes"`.'))
        : change(id, { type: "answer", at: clock.now(), by, text }),
    edit: (id, by, patch) => change(id, { type: "edit", at: clock.now(), by, ...patch }),
    cancelAlong: (id, by, reason) => cancelAlong(parts, id, by, reason ?? null),
    depend: (id, by, dependsOn) => replaceDependencies(parts, id, by, dependsOn),
    say: (id, by, text) => say(store, id, by, text, clock.now()),
    trash: (id, by) => change(id, { type: "trash", at: clock.now(), by }),
    restore: (id, by) => change(id, { type: "restore", at: clock.now(), by }),
    emptyTrash: async (before) => ok(await store.tasks.purge(before)),
    setAdmission: (mode, by, until) => setAdmission(store, mode, by, until ?? null, clock.now()),
    addProject: (project) => addProject(store, project, clock.now()),
    changeProject: (name, patch) => changeProject(store, name, patch, clock.now()),
    removeProject: (name) => removeProject(store, name, clock.now()),
  };
}

async function submit(
  parts: TasksParts,
  input: SubmissionInput,
  from: Submitter,
): Promise<Result<Submitted>> {
  const { source } = from;
  const result = checkSubmission(input, { ...parts, source, now: parts.clock.now() });
  if (!result.ok) return invalidSubmission(result.problems);
  const task = { ...result.submission, ...from, at: parts.clock.now(), order: parts.order };
  const inserted = await parts.store.tasks.insert(task, parts.queueLimits);
  if (!inserted.ok) return insertProblem(inserted.refusal);
  return ok({ task: inserted.task, warnings: result.warnings });
}

function checked(parts: TasksParts, input: SubmissionInput, source: Source): Result<Submission> {
  const result = checkSubmission(input, { ...parts, source, now: parts.clock.now() });
  return result.ok ? ok(result.submission) : invalidSubmission(result.problems);
}

async function retry(
  parts: TasksParts,
  id: number,
  asked: { readonly by: string; readonly note: string | null; readonly budget: string | undefined },
): Promise<Result<Task>> {
  const { by, note, budget } = asked;
  const read = budget === undefined ? null : readBudget(budget);
  if (read?.ok === false) return read;
  const more = read === null ? {} : { budget: read.value };
  return applied(parts, id, { type: "retry", at: parts.clock.now(), by, note, ...more });
}

async function applied(
  { store, order }: Pick<TasksParts, "store" | "order">,
  id: number,
  change: Change,
): Promise<Result<Task>> {
  const placed = order === undefined ? change : { ...change, order };
  const result = await store.tasks.change(id, placed);
  return result.ok ? ok(result.task) : { ok: false, problem: refusalProblem(id, result.refusal) };
}

async function say(
  store: Store,
  id: number,
  by: string,
  text: string,
  at: Instant,
): Promise<Result<Message>> {
  if (text.trim() === "") return problem("invalid", 'Say something: `sle say 12 "use tabs"`.');
  if (text.length > MESSAGE_MAX_CHARACTERS) {
    return problem("invalid", `A message has at most ${MESSAGE_MAX_CHARACTERS} characters.`);
  }
  const task = await store.tasks.get(id);
  if (task === null) return { ok: false, problem: noTask(id) };
  if (isFinal(task.state) || task.state === "waiting") {
    const instead = task.state === "waiting" ? `sle answer ${id}` : `sle retry ${id} -m`;
    return problem("conflict", `Task ${id} is ${task.state}; use \`${instead} "…"\` instead.`);
  }
  return ok(await store.attempts.say(id, at, by, text));
}

async function setAdmission(
  store: Store,
  mode: Admission["mode"],
  by: string,
  until: Instant | null,
  at: Instant,
): Promise<Result<Admission>> {
  if (until !== null && until <= at) {
    return problem("invalid", "The end of a pause must lie ahead.");
  }
  const admission: Admission = { mode, until, by };
  await store.shared.setAdmission(admission, at);
  return ok(admission);
}
