import type { ProcessIdentity, Step } from "./attempt.ts";
import type { NewEvent } from "./event.ts";
import type { Admission } from "./hold.ts";
import type { Project, ProjectPatch } from "./project.ts";
import type { Instant, Task } from "./task.ts";

/** Tells that a step began, or ended once it has its `endedAt`. */
export function stepEvent(taskId: number, attempt: number, step: Step): NewEvent {
  const { name, startedAt, endedAt, ok, detail } = step;
  return endedAt === null
    ? { type: "step.started", at: startedAt, taskId, attempt, data: { name } }
    : { type: "step.ended", at: endedAt, taskId, attempt, data: { name, ok, detail } };
}

/** Tells that the agent of an attempt gave its first sign of life. */
export function attemptStartedEvent(
  taskId: number,
  attempt: number,
  patch: { readonly startedAt: Instant; readonly model?: string; readonly sessionId?: string },
): NewEvent {
  const data = { model: patch.model ?? null, sessionId: patch.sessionId ?? null };
  return { type: "attempt.started", at: patch.startedAt, taskId, attempt, data };
}

/** Tells that a person said something to a task; the words are in the message. */
export function saidEvent(
  task: Pick<Task, "id" | "state" | "attempt">,
  said: { readonly id: number; readonly at: Instant; readonly by: string },
): NewEvent {
  const attempt = task.state === "running" ? task.attempt : null;
  const data = { by: said.by, messageId: said.id };
  return { type: "task.said", at: said.at, taskId: task.id, attempt, data };
}

/** Tells that a project can be worked on. */
export function projectAddedEvent(project: Project): NewEvent {
  const { createdAt, ...told } = project;
  return general("project.added", createdAt, told);
}

/** Tells what was changed of a project. */
export function projectChangedEvent(name: string, patch: ProjectPatch, at: Instant): NewEvent {
  return general("project.changed", at, { name, ...patch });
}

/** Tells that a project is no longer known. */
export function projectRemovedEvent(name: string, at: Instant): NewEvent {
  return general("project.removed", at, { name });
}

/** Tells that a person opened, paused or drained admission. */
export function admissionChangedEvent(admission: Admission, at: Instant): NewEvent {
  return general("admission.changed", at, { ...admission });
}

/** What of a daemon's record is told. */
interface DaemonFacts {
  readonly owner: string;
  readonly host: string;
  readonly process: ProcessIdentity;
  readonly version: string;
  readonly startedAt: Instant;
  readonly stoppedAt: Instant | null;
}

/** A daemon that was not heard of for longer is forgotten when another starts. */
export const DAEMON_KEPT_MS: number = 7 * 86_400_000;

/** Tells that a daemon started or stopped, when its new record says so and the `known` one did not. */
export function daemonEvents(
  known: Pick<DaemonFacts, "startedAt" | "stoppedAt"> | null,
  daemon: DaemonFacts,
): readonly NewEvent[] {
  const { owner, host, version, startedAt, stoppedAt } = daemon;
  const data = { owner, host, version, pid: daemon.process.pid };
  const isNew = known === null || known.startedAt !== startedAt;
  const events = isNew ? [general("daemon.started", startedAt, data)] : [];
  if (stoppedAt !== null && (isNew || known.stoppedAt === null)) {
    events.push(general("daemon.stopped", stoppedAt, data));
  }
  return events;
}

function general(type: NewEvent["type"], at: Instant, data: NewEvent["data"]): NewEvent {
  return { type, at, taskId: null, attempt: null, data };
}
