import assert from "node:assert/strict";
import type { Store } from "../../../src/ports/store.ts";
import {
  after,
  change,
  conclusion,
  type ContractCase,
  CRASHED,
  insert,
  NOW,
  start,
  succeed,
} from "./contract.ts";

/** A task waits until all that it depends on has succeeded. */
export const dependencyCases: readonly ContractCase[] = [
  {
    name: "what has succeeded already counts as met, a repetition counts once",
    run: async ({ store }) => {
      await succeed(store);
      await insert(store);
      const task = await insert(store, { dependsOn: after(2, 1, 2) });
      assert.deepEqual([task.dependsOn, task.unmetDependencies], [after(2, 1), 1]);
      assert.deepEqual(await store.tasks.get(3), task);
    },
  },
  {
    name: "success lets those go on that waited for nothing else",
    run: async ({ store }) => {
      await insert(store); // 1
      await insert(store); // 2
      await insert(store, { dependsOn: after(1) }); // 3
      await insert(store, { dependsOn: after(1, 2) }); // 4
      await insert(store, { dependsOn: after(3, 4) }); // 5
      await run(store, 1);
      assert.deepEqual(await unmet(store, [3, 4, 5]), [0, 1, 2]);
      assert.deepEqual(await headIds(store), [2, 3]);
      await run(store, 2);
      await run(store, 3);
      assert.deepEqual(await unmet(store, [4, 5]), [0, 1]);
      await run(store, 4);
      assert.deepEqual(await headIds(store), [5]);
      await run(store, 5);
    },
  },
  {
    name: "failure and cancelling let nobody go on, until a later success",
    run: async ({ store }) => {
      await insert(store, { attemptsMax: 1 });
      await insert(store, { dependsOn: after(1) });
      await start(store, 1);
      assert.equal((await change(store, 1, conclusion("lease-1", CRASHED))).state, "failed");
      assert.deepEqual(await headIds(store), []);
      await change(store, 1, { type: "retry", at: NOW, by: "ann", note: null });
      await change(store, 1, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.deepEqual(await unmet(store, [2]), [1]);
      await change(store, 1, { type: "restore", at: NOW, by: "ann" });
      await run(store, 1);
      assert.deepEqual(await headIds(store), [2]);
    },
  },
  {
    name: "what was met stays met when the other task is done again",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await run(store, 1);
      await change(store, 1, { type: "retry", at: NOW, by: "ann", note: null });
      await run(store, 1);
      assert.deepEqual(await unmet(store, [2]), [0]);
      await run(store, 2);
    },
  },
  {
    name: "a task whose time has not come waits for it after its dependencies",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1), notBefore: NOW + 5000 });
      await run(store, 1);
      assert.deepEqual(await headIds(store, NOW + 4999), []);
      assert.equal(await store.tasks.nextDueAt(NOW), NOW + 5000);
      assert.deepEqual(await headIds(store, NOW + 5000), [2]);
    },
  },
  {
    name: "a cancelled task that waits can be met, and goes on when restored",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await change(store, 2, { type: "cancel", at: NOW, by: "ann", reason: null });
      await run(store, 1);
      assert.deepEqual(await headIds(store), []);
      const restored = await change(store, 2, { type: "restore", at: NOW, by: "ann" });
      assert.equal(restored.unmetDependencies, 0);
      assert.deepEqual(await headIds(store), [2]);
    },
  },
];

async function run(store: Store, id: number): Promise<void> {
  await start(store, id);
  await change(store, id, conclusion(`lease-${id}`));
}

async function unmet(store: Store, ids: readonly number[]): Promise<readonly unknown[]> {
  const tasks = await Promise.all(ids.map((id) => store.tasks.get(id)));
  return tasks.map((task) => task?.unmetDependencies);
}

async function headIds(store: Store, at: number = NOW + 1000): Promise<readonly number[]> {
  return (await store.tasks.heads(at, 9)).map(({ id }) => id);
}
