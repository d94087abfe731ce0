import type { KeptState, RestoreAnswer, RestoreRequest, Workspaces } from "../ports/workspaces.ts";

/** Workspaces without a disk, with what was asked of them. */
export interface FakeWorkspaces extends Workspaces {
  readonly opened: readonly number[];
  readonly kept: readonly string[];
  /** Of these, the ones that were taken up from an earlier attempt. */
  readonly takenUp: readonly string[];
  readonly discarded: readonly number[];
  /** The next call of this method throws this error. */
  readonly failNext: (method: "open" | "keep" | "discard" | "restore", error: Error) => void;
}

/** Makes workspaces for tests of what stands above them. */
export function fakeWorkspaces(): FakeWorkspaces {
  const opened: number[] = [];
  const present = new Set<number>();
  const kept: string[] = [];
  const takenUp: string[] = [];
  const discarded: number[] = [];
  const failures = new Map<string, Error>();
  const failOnce = (method: string): void => {
    const error = failures.get(method);
    failures.delete(method);
    if (error !== undefined) throw error;
  };
  const states = (taskId: number): readonly KeptState[] => statesIn(kept, taskId);
  return {
    opened,
    kept,
    takenUp,
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
      const ref = refOf(taskId, attempt);
      kept.push(ref);
      return { ...NOTHING, ref };
    },
    takeUp: async (taskId, { from, to }) => {
      if (!kept.includes(refOf(taskId, from))) return null;
      const ref = refOf(taskId, to);
      kept.push(ref);
      takenUp.push(ref);
      return { ...NOTHING, ref };
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
    states: async (taskId) => states(taskId),
    restore: async (taskId, request) => {
      failOnce("restore");
      return restored(taskId, request, states(taskId), present);
    },
  };
}

function restored(
  taskId: number,
  { state, into, replace }: RestoreRequest,
  states: readonly KeptState[],
  present: Set<number>,
): RestoreAnswer {
  const wanted = states.find(({ attempt }) => state === null || attempt === state);
  if (wanted === undefined) {
    const reason = states.length === 0 ? "nothing-kept" : "no-such-state";
    return { ok: false, refusal: { reason } };
  }
  const path = into ?? `/tasks/${taskId}`;
  if (into === null && present.has(taskId) && !replace) {
    return { ok: false, refusal: { reason: "in-the-way", path } };
  }
  if (into === null) present.add(taskId);
  const gitState = into === null ? "made-anew" : "beside";
  const gitStatePath = into === null ? null : `${into}.git-state.tar`;
  const { attempt, commit } = wanted;
  const which = { path, attempt, commit, from: "kept", gitState, gitStatePath } as const;
  return { ok: true, restored: { ...which, lost: 0 } };
}

function statesIn(kept: readonly string[], taskId: number): readonly KeptState[] {
  return kept
    .filter((ref) => ref.split("/").at(-2) === String(taskId))
    .map((ref) => ({
      attempt: Number(ref.split("/").at(-1)),
      commit: "0".repeat(40),
      keptAt: 0,
      files: 0,
      bytes: 0,
      gitState: "as-made" as const,
      lost: 0,
      isCurrent: true,
      isInTrash: false,
    }))
    .toReversed();
}

const NOTHING = { changed: [], insertions: 0, deletions: 0, commit: "0".repeat(40) } as const;

function refOf(taskId: number, attempt: number): string {
  return `refs/sleepless/keep/${taskId}/${attempt}`;
}
