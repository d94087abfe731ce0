import { type Store, StoreUnavailable } from "../../src/ports/store.ts";

/** A kill at the n-th call of the store from now on: before it is asked for, or before its answer is heard. */
export interface KillAt {
  readonly calls: number;
  readonly moment: "before" | "after";
}

/** The store as one daemon sees it, with all that may go wrong on the way. */
export interface FaultyStore {
  readonly store: Store;
  readonly killAt: (kill: KillAt) => void;
  /** No answer comes until it is thawed. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** No answer ever comes again. */
  readonly die: () => void;
}

/** What all daemons of a night share. */
export interface FaultyParts {
  readonly store: Store;
  /** True while somebody else holds the lock. */
  readonly isLocked: () => boolean;
  /** Told that a kill has come; the daemon is dead already. */
  readonly onKilled: () => void;
  /** Stands between the daemon and a call, to look at what it asks for. */
  readonly around: Around;
  readonly hints: Hints;
  /** Counts calls that have no answer yet. */
  readonly underWay: { count: number };
}

/** Runs a call and looks at it. */
export type Around = (
  name: string,
  args: readonly unknown[],
  call: () => Promise<unknown>,
) => Promise<unknown>;

/** Passes hints on to those who watch, of whom some miss one now and then. */
export interface Hints {
  readonly give: () => void;
  readonly watch: Store["watch"];
}

/** True for a call that changes nothing. */
export function isRead(name: string): boolean {
  return READS.test(name);
}

const READS =
  /\.(?:get|list|counts|heads|nextDueAt|ofTasks?|running|after|lastSeq|cursor|windows|totals|history|admission|daemons|facts|setting|slots|ended|books|check|blocked|stuckBehind)$/u;
const PARTS = [
  "tasks",
  "dependencies",
  "attempts",
  "events",
  "projects",
  "usage",
  "effects",
  "schedules",
  "shared",
  "audit",
  "care",
] as const;

/** Puts the faults of a night between a daemon and its store. */
export function faultyStore(parts: FaultyParts): FaultyStore {
  let state: "alive" | "frozen" | "dead" = "alive";
  let kill: { left: number; readonly moment: KillAt["moment"] } | null = null;
  let thawed = Promise.withResolvers<void>();

  const pass = async (): Promise<void> => {
    if (state === "frozen") await thawed.promise;
    if (state === "frozen") return pass();
    if (state === "dead") await new Promise<never>(() => {});
  };
  const isKilled = (moment: KillAt["moment"]): boolean => {
    if (kill === null || kill.left > 0 || kill.moment !== moment) return false;
    kill = null;
    state = "dead";
    parts.onKilled();
    return true;
  };
  const ask = async (name: string, args: readonly unknown[], call: Call): Promise<unknown> => {
    await pass();
    if (kill !== null) kill.left -= 1;
    if (isKilled("before")) return new Promise(() => {});
    if (parts.isLocked()) throw new StoreUnavailable("busy", "The database is locked: try again.");
    const answer = await counted(parts.underWay, () =>
      parts.around(name, args, () => call(...args)),
    );
    if (!isRead(name)) parts.hints.give();
    if (isKilled("after")) return new Promise(() => {});
    await pass();
    return answer;
  };
  return {
    store: { ...wrapped(parts.store, ask), watch: parts.hints.watch },
    killAt: ({ calls, moment }) => {
      kill = { left: calls, moment };
    },
    freeze: () => {
      if (state === "alive") state = "frozen";
    },
    thaw: () => {
      if (state === "frozen") state = "alive";
      thawed.resolve();
      thawed = Promise.withResolvers();
    },
    die: () => {
      state = "dead";
    },
  };
}

async function counted<T>(underWay: { count: number }, call: () => Promise<T>): Promise<T> {
  underWay.count += 1;
  try {
    return await call();
  } finally {
    underWay.count -= 1;
  }
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

function wrapped(
  store: Store,
  ask: (name: string, args: readonly unknown[], call: Call) => Promise<unknown>,
): Store {
  const parts = PARTS.map((part) => {
    const calls = Object.entries(store[part] as unknown as Readonly<Record<string, Call>>);
    const asked = calls.map(([name, call]) => [
      name,
      (...args: readonly unknown[]) => ask(`${part}.${name}`, args, call),
    ]);
    return [part, Object.fromEntries(asked)] as const;
  });
  return { ...store, ...Object.fromEntries(parts) };
}

/** Makes hints; `isLost` says which ones nobody gets. */
export function makeHints(isLost: () => boolean): Hints {
  const watchers = new Set<{ readonly hint: () => void }>();
  let pending = false;
  return {
    give: () => {
      if (pending) return;
      pending = true;
      queueMicrotask(() => {
        pending = false;
        if (isLost()) return;
        for (const { hint } of watchers) hint();
      });
    },
    watch: (hint) => {
      const watcher = { hint };
      watchers.add(watcher);
      return { [Symbol.dispose]: () => void watchers.delete(watcher) };
    },
  };
}
