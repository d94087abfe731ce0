import type { Forecast } from "../core/forecast/forecast.ts";
import type { Attempt, ProcessIdentity, Progress, Step } from "../core/attempt.ts";
import type { SpendingSince } from "../core/budget.ts";
import type { Change, Changed, Refusal } from "../core/change.ts";
import type { Event, EventType, NewEvent } from "../core/event.ts";
import type { Admission, AdmissionRules, Hold, LocalFacts, StoredFacts } from "../core/hold.ts";
import type { Asked } from "../core/new-task.ts";
import type { Project, ProjectPatch } from "../core/project.ts";
import type { QueueLimits } from "../core/queue.ts";
import type { Instant, Lease, Task, TaskState } from "../core/task.ts";
import type { AuditStore } from "./audit-store.ts";
import type { ChainInserted, InsertRefusal, NewChain } from "./chain.ts";
import type { DependencyStore } from "./dependency-store.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import type { UsageStore } from "./usage-store.ts";

/** A checked submission: all that the store needs to make a task. */
export type NewTask = Asked;

/** The task as it was stored, with its number, or why there is none. */
export type Inserted =
  | { readonly ok: true; readonly task: Task }
  | { readonly ok: false; readonly refusal: InsertRefusal };

/**
 * Which tasks to list; all given conditions must hold. With `trashed` true only those in the trash,
 * else only those that are not.
 */
export interface TaskFilter {
  readonly states?: readonly TaskState[];
  readonly project?: string;
  readonly trashed?: boolean;
  readonly finishedSince?: Instant;
}

/** Newest first by id, `before` excludes that id and all newer ones. */
export interface Page {
  readonly before: number | null;
  readonly limit: number;
}

/** A request to claim one task: rank happened outside, admission is judged again inside. */
export interface AdmitRequest {
  readonly taskId: number;
  readonly at: Instant;
  readonly lease: Lease;
  readonly executor: string;
  readonly rules: AdmissionRules;
  readonly local: LocalFacts;
  readonly forecast: Forecast;
}

/** The running task with its new attempt, or why it may not start now. */
export type Admitted =
  | { readonly ok: true; readonly task: Task; readonly attempt: Attempt }
  | { readonly ok: false; readonly refusal: Refusal; readonly holds: readonly Hold[] };

/** What the keeper of a lease learns with each renewal. */
export type Renewal =
  | { readonly ok: true; readonly cancelRequested: boolean; readonly unread: number }
  | { readonly ok: false };

/** Facts of the attempt that the holder of its lease may write; absent fields stay. */
export interface AttemptPatch {
  readonly model?: string;
  readonly sessionId?: string;
  readonly resumed?: boolean;
  readonly workspace?: string;
  readonly process?: ProcessIdentity;
  readonly startedAt?: Instant;
  readonly progress?: Progress;
  readonly results?: string;
}

/** Words for a running task, from a person. */
export interface Message {
  readonly id: number;
  readonly taskId: number;
  readonly at: Instant;
  readonly by: string;
  readonly text: string;
}

/** Tasks and their claims. Every method is one transaction; a refusal is a value and leaves no trace. */
export interface TaskStore {
  /**
   * Within `limits`, if they are given. Where there is no room, the newest queued generated task that it
   * does not wait for is cancelled for any other, with its event.
   */
  readonly insert: (task: NewTask, limits?: QueueLimits) => Promise<Inserted>;
  /** Inserts all of a chain or nothing of it, within `limits`; at least one text. Nothing is cancelled for it. */
  readonly insertChain: (chain: NewChain, limits?: QueueLimits) => Promise<ChainInserted>;
  readonly get: (id: number) => Promise<Task | null>;
  readonly list: (filter: TaskFilter, page: Page) => Promise<readonly Task[]>;
  /** How many tasks are in each state, whether in the trash or not. */
  readonly counts: () => Promise<Readonly<Record<TaskState, number>>>;
  /**
   * The first `perLane` startable tasks of every lane: queued, dependencies met, `notBefore` passed.
   * Sorted by lane, order key and id.
   */
  readonly heads: (at: Instant, perLane: number) => Promise<readonly Task[]>;
  /** When the next `notBefore` of a queued task with its dependencies met passes; null when none is ahead. */
  readonly nextDueAt: (at: Instant) => Promise<Instant | null>;
  /** Judges admission on fresh facts and takes the lease, in one transaction. */
  readonly admit: (request: AdmitRequest) => Promise<Admitted>;
  /**
   * Applies `change` by core's state machine; row, events, the end of its attempt and what that
   * means for those who depend on it in one transaction: they are met, or can no longer be, which is
   * told once; what was to follow a failure is cancelled by a success. Throws for `admit`, which is
   * `admit`'s, and for `depend`, which is `dependencies.replace`'s.
   */
  readonly change: (id: number, change: Change) => Promise<Changed>;
  /**
   * Removes trashed tasks that were trashed before `before`, with all their rows; answers their ids,
   * smallest first. Spares a task that another one still waits for. Events and counted use stay, and
   * no id is ever given again.
   */
  readonly purge: (before: Instant) => Promise<readonly number[]>;
}

/** Attempts, their steps and what is said to them. Writes carry the lease; false means it is lost. */
export interface AttemptStore {
  readonly renew: (taskId: number, leaseId: string, expiresAt: Instant) => Promise<Renewal>;
  readonly update: (taskId: number, leaseId: string, patch: AttemptPatch) => Promise<boolean>;
  /** Records that a step started (`endedAt` null) or ended, with its event. */
  readonly step: (taskId: number, leaseId: string, step: Step) => Promise<boolean>;
  readonly ofTask: (taskId: number) => Promise<readonly Attempt[]>;
  /** Attempts whose task runs now; with its lease. */
  readonly running: () => Promise<readonly { attempt: Attempt; lease: Lease }[]>;
  /** Keeps words for the task, with their event; throws when there is no such task. */
  readonly say: (taskId: number, at: Instant, by: string, text: string) => Promise<Message>;
  /**
   * Unread messages of the task, marked as read by this lease's attempt; they are unread again
   * when it ends without success.
   */
  readonly takeMessages: (taskId: number, leaseId: string) => Promise<readonly Message[]>;
}

/** The append-only log of facts and the cursors of those who follow it. */
export interface EventStore {
  readonly append: (event: NewEvent) => Promise<Event>;
  readonly after: (
    seq: number,
    limit: number,
    filter?: { readonly taskId?: number; readonly types?: readonly EventType[] },
  ) => Promise<readonly Event[]>;
  readonly lastSeq: () => Promise<number>;
  readonly cursor: (name: string) => Promise<number>;
  /** Moves a cursor forward only. */
  readonly moveCursor: (name: string, seq: number) => Promise<void>;
}

/** Places of work. */
export interface ProjectStore {
  /** False when the name is taken; else with its event. */
  readonly add: (project: Project) => Promise<boolean>;
  readonly get: (name: string) => Promise<Project | null>;
  readonly list: () => Promise<readonly Project[]>;
  /** Changes what the patch names, with its event; false when there is no such project. */
  readonly change: (name: string, patch: ProjectPatch, at: Instant) => Promise<boolean>;
  /** Refused while tasks of the project are not final. */
  readonly remove: (name: string, at: Instant) => Promise<"removed" | "unknown" | "in-use">;
}

/** Something done outside: the intent is recorded before, the result after. */
export interface Effect {
  readonly key: string;
  readonly taskId: number;
  readonly attempt: number;
  readonly kind: string;
  readonly intendedAt: Instant;
  readonly doneAt: Instant | null;
  readonly result: string | null;
}

/** Things done outside, each found again by its key instead of being done twice. */
export interface EffectStore {
  /** Records the intent, or finds the earlier one with the same key. */
  readonly intend: (effect: {
    readonly key: string;
    readonly taskId: number;
    readonly attempt: number;
    readonly kind: string;
    readonly at: Instant;
  }) => Promise<Effect>;
  /** Records the result; the first one stays. Throws when nothing was intended under the key. */
  readonly done: (key: string, at: Instant, result: string) => Promise<void>;
  readonly ofTask: (taskId: number) => Promise<readonly Effect[]>;
}

/** A daemon that said it is alive. */
export interface DaemonRecord {
  readonly owner: string;
  readonly host: string;
  readonly process: ProcessIdentity;
  readonly version: string;
  readonly startedAt: Instant;
  readonly seenAt: Instant;
  readonly stoppedAt: Instant | null;
  /** What its executors and machine last said, for `why` and `check` from other processes. */
  readonly local: LocalFacts;
  readonly rules: AdmissionRules;
}

/** Small shared facts: the admission switch, who is alive. */
export interface SharedStore {
  readonly admission: () => Promise<Admission>;
  /** Sets the switch, with its event. */
  readonly setAdmission: (admission: Admission, at: Instant) => Promise<void>;
  readonly daemons: () => Promise<readonly DaemonRecord[]>;
  /**
   * Keeps a daemon's newest word; with an event when it says that it started or stopped. One that is
   * new makes those be forgotten that were last heard of a week before.
   */
  readonly putDaemon: (daemon: DaemonRecord) => Promise<void>;
  /** What admission judges by, read in one transaction; spending is counted since the times given. */
  readonly facts: (since: SpendingSince) => Promise<StoredFacts>;
  readonly setting: (key: string) => Promise<string | null>;
  readonly setSetting: (key: string, value: string) => Promise<void>;
  /** Sets what is not set yet, whoever is first; answers what is set now. */
  readonly initSetting: (key: string, value: string) => Promise<string>;
}

/** Care of the database itself. */
export interface StoreCare {
  readonly backup: (path: string) => Promise<void>;
  /** Problems found; empty means sound. */
  readonly check: () => Promise<readonly string[]>;
  readonly vacuum: () => Promise<void>;
}

/** Durable storage of everything; the same promises whichever database is behind it. */
export interface Store extends AsyncDisposable {
  readonly tasks: TaskStore;
  readonly dependencies: DependencyStore;
  readonly attempts: AttemptStore;
  readonly events: EventStore;
  readonly projects: ProjectStore;
  readonly usage: UsageStore;
  readonly effects: EffectStore;
  readonly schedules: ScheduleStore;
  readonly shared: SharedStore;
  readonly audit: AuditStore;
  readonly care: StoreCare;
  /**
   * Calls `hint` soon after anything may have been written, by this or another process. Only a
   * hint: calls may be merged, and one may come for nothing. Dispose to stop.
   */
  readonly watch: (hint: () => void) => Disposable;
}

/** The database could not be used; `message` says what to do. The only error a store throws by design. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly kind: "busy" | "corrupt" | "newer" | "full" | "unwritable" | "missing" | "broken";
  constructor(kind: StoreUnavailable["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
