import { expect, test } from "vitest";
import { type KeptState, WorkspaceUnavailable } from "../../../src/ports/workspaces.ts";
import { fakeWorkspaces } from "../../../src/testing/fake-workspaces.ts";
import { type Bench, setup } from "./setup.ts";

const FAILED = { type: "failed", failure: "policy", message: "refused", retryAt: null } as const;
const { signal } = new AbortController();

/** A task whose one attempt was kept, with its folder cleared away. */
async function withKept(bench: Bench): Promise<ReturnType<typeof fakeWorkspaces>> {
  const workspaces = fakeWorkspaces();
  bench.world.workspaces = workspaces;
  await bench.sle("think", "one");
  await bench.start(1);
  await bench.end(1, FAILED);
  await workspaces.open(1, null, signal);
  await workspaces.keep(1, 1, null, signal);
  await workspaces.discard(1);
  return workspaces;
}

test("restore brings a workspace back, once, or its files elsewhere", async () => {
  await using bench = await setup();
  await withKept(bench);
  await bench.type("restore", "1");
  await bench.type("restore", "1");
  await bench.type("restore", "1", "--replace");
  await bench.type("restore", "1", "--attempt", "1", "--into", "there");
  await bench.type("restore", "1", "--into", "there", "--json");
  const events = await bench.store.events.after(0, 100, { types: ["workspace.restored"] });
  expect(events.map(({ taskId, data }) => [taskId, data["into"]])).toEqual([
    [1, null],
    [1, null],
    [1, "/work/there"],
    [1, "/work/there"],
  ]);
  await bench.matches("restore");
});

test("restore says what is in the way", async () => {
  await using bench = await setup();
  bench.world.exists = false;
  await bench.type("restore", "1");
  bench.world.exists = true;
  await bench.type("restore", "1");
  await bench.type("restore", "one");
  await bench.type("restore", "1", "--attempt", "x");
  await bench.type("restore", "1", "--into", "there", "--replace");
  await bench.sle("think", "nothing yet");
  await bench.type("restore", "1");
  await bench.type("restore", "1", "--list");
  await bench.matches("restore-refused");
});

test("restore leaves the folder of a running task, and of one that is gone, alone", async () => {
  await using bench = await setup();
  const workspaces = await withKept(bench);
  await bench.type("restore", "1", "--attempt", "7");
  await bench.sle("retry", "1");
  await bench.start(1);
  await bench.type("restore", "1");
  await bench.type("restore", "1", "--into", "there");
  await bench.end(1, FAILED);
  await bench.sle("trash", "add", "1");
  await bench.clock.advance(1);
  await bench.sle("trash", "empty", "--yes");
  await bench.type("restore", "1");
  const full = new WorkspaceUnavailable("disk", "The disk is full; free some space.");
  workspaces.failNext("restore", full);
  await bench.type("restore", "1", "--into", "there");
  await bench.matches("restore-conflicts");
});

test("the list shows every state with what is in it", async () => {
  await using bench = await setup();
  await bench.sle("think", "one");
  const state: KeptState = {
    attempt: 2,
    commit: "0123456789abcdef0123456789abcdef01234567",
    keptAt: bench.clock.now() - 3_600_000,
    files: 51,
    bytes: 1_234_567,
    gitState: "kept",
    lost: 0,
    isCurrent: true,
    isInTrash: false,
  };
  const states: readonly KeptState[] = [
    { ...state, attempt: 0, isInTrash: true },
    { ...state, lost: 2 },
    { ...state, attempt: 1, gitState: "as-made", isCurrent: false },
    { ...state, attempt: 1, gitState: "not-kept", files: 0, bytes: 0 },
  ];
  bench.world.workspaces = { ...fakeWorkspaces(), states: async () => states };
  await bench.type("restore", "1", "--list");
  await bench.type("restore", "1", "--list", "--json=attempt,gitState");
  await bench.matches("restore-list");
});

test("settings that are not sound, and what was lost, are said", async () => {
  await using bench = await setup();
  await bench.sle("think", "one");
  const restored = {
    path: "/tasks/1",
    attempt: 0,
    commit: "0".repeat(40),
    from: "trash",
    gitState: "restored",
    gitStatePath: null,
    lost: 0,
  } as const;
  const answers = [restored, { ...restored, from: "kept", gitState: "not-kept", lost: 3 } as const];
  const fake = fakeWorkspaces();
  bench.world.workspaces = {
    ...fake,
    restore: async () => ({ ok: true, restored: answers.shift() ?? restored }),
  };
  await bench.type("restore", "1");
  await bench.type("restore", "1");
  await bench.matches("restore-told");
});
