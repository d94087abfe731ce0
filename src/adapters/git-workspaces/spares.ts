import { lstat, statfs } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Place } from "./place.ts";
import { type Repository, repositoryOf } from "./repository.ts";
import { dropFolder, dropHalfMade, makeSpare, spareFolders } from "./spare-folders.ts";

/** When folders are kept ready ahead of time. */
export interface SpareRules {
  /** For projects whose folder took longer to make. */
  readonly fromMs: number;
  /** For projects with more files. */
  readonly fromFiles: number;
  /** With less free than this none is made, and none stays. */
  readonly diskFreeMinBytes: number;
  /** One that nobody took for so long goes. */
  readonly unusedMs: number;
}

/** What a fresh folder cost. */
export interface FolderCost {
  readonly ms: number;
  readonly files: number;
  /** It was made from a spare one. */
  readonly isFromSpare: boolean;
}

/** At most one folder for each project that is ready before a task asks for it. */
export interface Spares {
  /** Tells that somebody waits for a folder; nothing is begun before the answer was called. */
  readonly waiting: () => () => void;
  /** A folder was made: the next is to be there when it pays. */
  readonly made: (repository: Repository, commit: string, cost: FolderCost) => void;
  /** What a project's next task will begin from; changes a spare that is there, and makes none. */
  readonly moved: (repository: Repository, commit: string) => Promise<void>;
  /** Drops those of other projects, those that are old, and all where disk is short. */
  readonly tidy: (projects: ReadonlySet<string>) => Promise<void>;
  /** Ends what is under way; the last call. */
  readonly stop: () => Promise<void>;
  /** Settles once nothing is being made. */
  readonly settled: () => Promise<void>;
}

/** What most machines do best with. */
export const SPARE_RULES: SpareRules = {
  fromMs: 300,
  fromFiles: 5000,
  diskFreeMinBytes: 1024 ** 3,
  unusedMs: 86_400_000,
};

const WAIT_MS = 20;

/** Keeps spare folders; for one process of a home only. */
export function openSpares(place: Place, rules: SpareRules): Spares {
  const ending = new AbortController();
  const { signal } = ending;
  /** The commit that is wanted next, for each repository; the latest wish stands. */
  const wanted = new Map<string, { readonly repository: Repository; readonly commit: string }>();
  const state = { waiting: 0, running: null as Promise<void> | null };
  const run = async (): Promise<void> => {
    await dropHalfMade(place);
    for (let [next] = wanted; next !== undefined && !signal.aborted; [next] = wanted) {
      // A pause that is cut short is the end.
      while (state.waiting > 0) await pause(WAIT_MS, undefined, { signal });
      const [name, { repository, commit }] = next;
      if (await hasRoom(place, rules)) await makeSpare(place, repository, commit, signal);
      if (wanted.get(name)?.commit === commit) wanted.delete(name);
    }
  };
  const begin = (): void => {
    state.running ??= run()
      // Without a spare the next folder is made as the first one was.
      .catch(() => {
        wanted.clear();
      })
      .finally(() => {
        state.running = null;
        if (wanted.size > 0 && !signal.aborted) begin();
      });
  };
  const want = (repository: Repository, commit: string): void => {
    wanted.set(repository.name, { repository, commit });
    if (!signal.aborted) begin();
  };
  return {
    waiting: () => {
      state.waiting += 1;
      return () => {
        state.waiting -= 1;
      };
    },
    made: (repository, commit, { ms, files, isFromSpare }) => {
      if (isFromSpare || ms > rules.fromMs || files > rules.fromFiles) want(repository, commit);
    },
    moved: async (repository, commit) => {
      const spares = await spareFolders(place.tasks);
      const spare = spares.find((each) => each.repository === repository.name);
      if (spare !== undefined && spare.commit !== commit) want(repository, commit);
    },
    tidy: (projects) => tidy(place, rules, projects),
    settled: async () => {
      while (state.running !== null) await state.running;
    },
    stop: async () => {
      ending.abort();
      await state.running;
    },
  };
}

async function tidy(place: Place, rules: SpareRules, projects: ReadonlySet<string>): Promise<void> {
  const isShort = !(await hasRoom(place, rules));
  const names = new Set([...projects].map((name) => repositoryOf(place.shelf, name).name));
  for (const { path, repository } of await spareFolders(place.tasks)) {
    const isOld = place.now() - (await mtimeOf(path)) > rules.unusedMs;
    if (isShort || isOld || !names.has(repository)) await dropFolder(place, path);
  }
}

async function mtimeOf(path: string): Promise<number> {
  return (await lstat(path).catch(() => null))?.mtimeMs ?? 0;
}

async function hasRoom({ tasks }: Place, { diskFreeMinBytes }: SpareRules): Promise<boolean> {
  const { bavail, bsize } = await statfs(tasks);
  return bavail * bsize >= diskFreeMinBytes;
}
