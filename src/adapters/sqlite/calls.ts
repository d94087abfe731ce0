import type { DependencyStore } from "../../ports/dependency-store.ts";
import type {
  AttemptStore,
  EffectStore,
  EventStore,
  ProjectStore,
  SharedStore,
  StoreCare,
  TaskStore,
} from "../../ports/store.ts";
import type { UsageStore } from "../../ports/usage-store.ts";
import type { AuditStore } from "../../ports/audit-store.ts";
import type { ScheduleStore } from "../../ports/schedule-store.ts";

/** The methods of one part of the store, run where the database is: at once, but for the care of the file. */
export type Calls<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result | Promise<Result>
    : never;
};

/** What adds tasks: all that a program which only queues has to load. */
export type IntakeStore = Pick<TaskStore, "insert" | "insertChain" | "get">;

/** What only claims: apart, because only daemons need to load how starts are judged. */
export type ClaimStore = Pick<TaskStore, "heads" | "nextDueAt" | "admit">;

/** The parts of the store that are reached by calls. */
export interface Parts {
  readonly intake: IntakeStore;
  readonly tasks: Omit<TaskStore, keyof IntakeStore | keyof ClaimStore>;
  readonly claims: ClaimStore;
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
}
/** One of the groups of operations that a store has. */
export type PartName = keyof Parts;

/** One call as data, so that it can cross into the database's thread. */
export interface Call {
  readonly part: PartName;
  readonly method: string;
  readonly args: readonly unknown[];
}
