import type { Call, Calls, PartName, Parts } from "./calls.ts";
import type { Database } from "./database.ts";
import { explainError } from "./errors.ts";
import { untilFree } from "./retry.ts";

/** Runs calls where the database is. A part's code is loaded at its first call. */
export interface Server {
  readonly run: (call: Call) => Promise<unknown>;
  /** Loads every part, so that calls run in the order in which they come. */
  readonly loadAll: () => Promise<void>;
}

type Loaders = {
  readonly [Name in PartName]: (database: Database) => Promise<Calls<Parts[Name]>>;
};

/** So that a short-lived process loads only the code that it calls. */
const LOADERS: Loaders = {
  intake: async (database) => (await import("./intake.ts")).intakeCalls(database),
  tasks: async (database) => (await import("./tasks.ts")).taskCalls(database),
  claims: async (database) => (await import("./claim-calls.ts")).claimCalls(database),
  dependencies: async (database) => (await import("./dependencies.ts")).dependencyCalls(database),
  attempts: async (database) => (await import("./attempts.ts")).attemptCalls(database),
  events: async (database) => (await import("./events.ts")).eventCalls(database),
  projects: async (database) => (await import("./projects.ts")).projectCalls(database),
  usage: async (database) => (await import("./usage.ts")).usageCalls(database),
  effects: async (database) => (await import("./effects.ts")).effectCalls(database),
  schedules: async (database) => (await import("./schedules.ts")).scheduleCalls(database),
  shared: async (database) => (await import("./shared.ts")).sharedCalls(database),
  audit: async (database) => (await import("./audit.ts")).auditCalls(database),
  care: async (database) => (await import("./care.ts")).careCalls(database),
};

type AnyCalls = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Serves calls on an open database; errors come as `StoreUnavailable` where a person can act on them. */
export function serve(database: Database, busyMaxMs?: number): Server {
  const loaded = new Map<PartName, AnyCalls>();

  async function load(part: PartName): Promise<AnyCalls> {
    const calls = (await LOADERS[part](database)) as unknown as AnyCalls;
    loaded.set(part, calls);
    return calls;
  }

  return {
    run: async ({ part, method, args }) => {
      const calls = loaded.get(part) ?? (await load(part));
      const run = calls[method];
      if (run === undefined) throw new Error(`The store has no method ${part}.${method}.`);
      try {
        return await untilFree(database.path, () => run(...args), busyMaxMs);
      } catch (error) {
        throw explainError(error, database.path);
      }
    },
    loadAll: async () => {
      await Promise.all((Object.keys(LOADERS) as PartName[]).map(load));
    },
  };
}
