import {
  type AttemptStore,
  type EffectStore,
  type EventStore,
  type ProjectStore,
  type SharedStore,
  type Store,
  type StoreCare,
  StoreUnavailable,
  type TaskStore,
} from "../../ports/store.ts";
import type { UsageStore } from "../../ports/usage-store.ts";
import type { DependencyStore } from "../../ports/dependency-store.ts";
import type { AuditStore } from "../../ports/audit-store.ts";
import type { ScheduleStore } from "../../ports/schedule-store.ts";
import { auditMethods } from "./audit.ts";
import { attemptMethods } from "./attempts.ts";
import { dependencyMethods } from "./dependencies.ts";
import {
  effectMethods,
  eventMethods,
  projectMethods,
  sharedMethods,
  usageMethods,
} from "./parts.ts";
import { scheduleMethods } from "./schedules.ts";
import { emptyState } from "./state.ts";
import { asPart, type Sync } from "./sync.ts";
import { taskMethods } from "./tasks.ts";

/** A store that lives and ends with this object: for tests and for embedding without a file. */
export function openMemoryStore(): Store {
  const state = emptyState();
  const hints = makeHints();
  let open = true;

  async function run(method: () => unknown): Promise<unknown> {
    if (!open) throw new StoreUnavailable("broken", "The store is closed: open it again.");
    const before = state.changes;
    const result = method();
    if (state.changes !== before) hints.give();
    return result;
  }

  return {
    tasks: asPart<TaskStore>(taskMethods(state), run),
    dependencies: asPart<DependencyStore>(dependencyMethods(state), run),
    attempts: asPart<AttemptStore>(attemptMethods(state), run),
    events: asPart<EventStore>(eventMethods(state), run),
    projects: asPart<ProjectStore>(projectMethods(state), run),
    usage: asPart<UsageStore>(usageMethods(state), run),
    effects: asPart<EffectStore>(effectMethods(state), run),
    schedules: asPart<ScheduleStore>(scheduleMethods(state), run),
    shared: asPart<SharedStore>(sharedMethods(state), run),
    audit: asPart<AuditStore>(auditMethods(state), run),
    care: asPart<StoreCare>(CARE, run),
    watch: hints.watch,
    [Symbol.asyncDispose]: () => {
      open = false;
      return Promise.resolve();
    },
  };
}

/** There is no file to care for. */
const CARE: Sync<StoreCare> = {
  backup: () => {
    throw new StoreUnavailable("broken", "A store in memory cannot be backed up: use a file.");
  },
  check: () => [],
  vacuum: () => {},
};

/** Hints of one turn are merged. */
function makeHints(): { readonly give: () => void; readonly watch: Store["watch"] } {
  const listeners = new Set<{ readonly hint: () => void }>();
  let pending = false;
  return {
    give: () => {
      if (pending) return;
      pending = true;
      queueMicrotask(() => {
        pending = false;
        for (const { hint } of listeners) hint();
      });
    },
    watch: (hint) => {
      const listener = { hint };
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
