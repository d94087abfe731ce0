import type { Workspaces } from "../ports/workspaces.ts";

/** Workspaces without a disk, with what was asked of them. */
export interface FakeWorkspaces extends Workspaces {
  readonly opened: readonly number[];
  readonly kept: readonly string[];
  readonly discarded: readonly number[];
  /** The next call of this method throws this error. */
  readonly failNext: (method: "open" | "keep" | "discard", error: Error) => void;
}

/** Makes workspaces for tests of what stands above them. */
export function fakeWorkspaces(): FakeWorkspaces {
  const opened: number[] = [];
  const present = new Set<number>();
  const kept: string[] = [];
  const discarded: number[] = [];
  const failures = new Map<string, Error>();
  const failOnce = (method: string): void => {
    const error = failures.get(method);
    failures.delete(method);
    if (error !== undefined) throw error;
  };
  return {
    opened,
    kept,
    discarded,
    failNext: (method, error) => void failures.set(method, error),
    open: async (taskId) => {
      failOnce("open");
      const reused = present.has(taskId);
      present.add(taskId);
      opened.push(taskId);
      return { path: `/tasks/${taskId}`, reused };
    },
    keep: async (taskId, attempt) => {
      failOnce("keep");
      const ref = `refs/sleepless/keep/${taskId}/${attempt}`;
      kept.push(ref);
      return { changed: [], insertions: 0, deletions: 0, commit: "0".repeat(40), ref };
    },
    checkOut: async (taskId) => ({ path: `/checks/${taskId}`, discard: async () => {} }),
    hashesOf: async (_project, commit) => ({
      commit,
      tree: "1".repeat(40),
      base: "2".repeat(40),
    }),
    list: async () => [...present],
    discard: async (taskId) => {
      failOnce("discard");
      present.delete(taskId);
      discarded.push(taskId);
    },
    diff: async () => "",
  };
}
