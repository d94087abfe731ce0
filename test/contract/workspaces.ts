import { expect, test } from "vitest";
import type { Workspaces } from "../../src/ports/workspaces.ts";

/** Workspaces to be held to the contract, gone with what holds them. */
export interface OpenedWorkspaces extends Disposable {
  readonly workspaces: Workspaces;
}

/** The promises of the port for workspaces that hold without a project, for any adapter. */
export function workspacesContract(open: () => OpenedWorkspaces): void {
  const { signal } = new AbortController();

  test("a task finds its folder again, another task has another", async () => {
    using opened = open();
    const { workspaces } = opened;
    const first = await workspaces.open(1, null, signal);
    const second = await workspaces.open(2, null, signal);
    expect([first.reused, second.reused, first.path === second.path]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await workspaces.open(1, null, signal)).toEqual({ path: first.path, reused: true });
  });

  test("a state is kept under the ref of its attempt and has a diff", async () => {
    using opened = open();
    const { workspaces } = opened;
    await workspaces.open(1, null, signal);
    const kept = await workspaces.keep(1, 2, null, signal);
    expect(kept).toEqual({
      changed: [],
      insertions: 0,
      deletions: 0,
      ref: "refs/sleepless/keep/1/2",
      commit: expect.stringMatching(/^[0-9a-f]{40}$/u) as string,
    });
    expect(await workspaces.diff(kept.ref, null, 1000)).toBe("");
  });

  test("what an attempt kept is taken up by a later one, though the folder is gone", async () => {
    using opened = open();
    const { workspaces } = opened;
    await workspaces.open(1, null, signal);
    const kept = await workspaces.keep(1, 2, null, signal);
    await workspaces.discard(1);
    const ref = "refs/sleepless/keep/1/3";
    expect(await workspaces.takeUp(1, { from: 2, to: 3 }, null)).toEqual({ ...kept, ref });
    expect(await workspaces.diff(ref, null, 1000)).toBe("");
    expect(await workspaces.takeUp(1, { from: 1, to: 3 }, null)).toBeNull();
    expect(await workspaces.takeUp(9, { from: 2, to: 3 }, null)).toBeNull();
  });

  test("after it was discarded a task gets a fresh folder; discarding nothing is fine", async () => {
    using opened = open();
    const { workspaces } = opened;
    expect(await workspaces.list()).toEqual([]);
    await workspaces.open(1, null, signal);
    await workspaces.keep(1, 1, null, signal);
    expect(await workspaces.list()).toEqual([1]);
    await workspaces.discard(1);
    await workspaces.discard(1);
    await workspaces.discard(2);
    expect(await workspaces.list()).toEqual([]);
    expect((await workspaces.open(1, null, signal)).reused).toBe(false);
  });
}
