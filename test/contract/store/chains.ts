import assert from "node:assert/strict";
import type { Store } from "../../../src/ports/store.ts";
import {
  after,
  aProject,
  asked,
  change,
  conclusion,
  type ContractCase,
  everything,
  insert,
  NOW,
  start,
  succeed,
} from "./contract.ts";

/** Chains come in at once, what waits can be changed, and no way makes a circle. */
export const chainCases: readonly ContractCase[] = [
  {
    name: "a chain is inserted whole, each waiting for the one before",
    run: async ({ store }) => {
      await insert(store);
      const { text: _, ...shared } = asked({ dependsOn: after(1), notBefore: NOW + 9 });
      const texts = ["One.", "Two.", "Three."];
      assert.deepEqual(
        await store.tasks.insertChain({ asked: shared, texts, condition: "verified" }),
        { ok: true, firstId: 2, lastId: 4 },
      );
      const tasks = await Promise.all([2, 3, 4].map((id) => store.tasks.get(id)));
      assert.deepEqual(
        tasks.map((task) => [task?.text, task?.dependsOn, task?.notBefore]),
        [
          ["One.", after(1), NOW + 9],
          ["Two.", [{ taskId: 2, condition: "verified" }], null],
          ["Three.", [{ taskId: 3, condition: "verified" }], null],
        ],
      );
      const events = await store.events.after(0, 10, { types: ["task.queued"] });
      assert.deepEqual(
        events.map(({ taskId }) => taskId),
        [1, 2, 3, 4],
      );
    },
  },
  {
    name: "a chain that is refused leaves nothing behind",
    run: async ({ store }) => {
      const before = await everything(store);
      const { text: _, ...shared } = asked({ project: "nowhere" });
      const chain = { texts: ["One.", "Two."], condition: "succeeded" } as const;
      assert.deepEqual(await store.tasks.insertChain({ asked: shared, ...chain }), {
        ok: false,
        refusal: { reason: "unknown-project", project: "nowhere" },
      });
      const onNothing = { ...shared, project: null, dependsOn: after(7) };
      assert.deepEqual(await store.tasks.insertChain({ asked: onNothing, ...chain }), {
        ok: false,
        refusal: { reason: "unknown-dependency", taskId: 7 },
      });
      const thoughts = { ...shared, project: null };
      const landing = { ...chain, asked: thoughts, condition: "landed" } as const;
      const neverLands = { ok: false, refusal: { reason: "never-lands" } };
      assert.deepEqual(await store.tasks.insertChain(landing), neverLands);
      assert.deepEqual(await everything(store), before);
    },
  },
  {
    name: "a chain that finds no room for all of it is refused, and nobody gives way",
    run: async ({ store }) => {
      await insert(store, { kind: "generated" });
      await insert(store, { source: "http" });
      const { text: _, ...shared } = asked();
      const chain = { asked: shared, texts: ["One.", "Two."], condition: "succeeded" } as const;
      const limits = { max: 4, maxPerSource: 3, sources: {} };
      const before = await everything(store);
      assert.deepEqual(await store.tasks.insertChain(chain, { ...limits, maxPerSource: 2 }), {
        ok: false,
        refusal: { reason: "queue-full", source: "cli", queued: 1, max: 2 },
      });
      assert.deepEqual(await store.tasks.insertChain(chain, { ...limits, max: 3 }), {
        ok: false,
        refusal: { reason: "queue-full", source: null, queued: 2, max: 3 },
      });
      assert.deepEqual(await everything(store), before);
      const inserted = await store.tasks.insertChain(chain, limits);
      assert.deepEqual(inserted, { ok: true, firstId: 3, lastId: 4 });
    },
  },
  {
    name: "each task of a chain touches what is known of it",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      const { text: _, ...shared } = asked({ project: "backend", touches: ["a"] });
      const chain = { asked: shared, texts: ["One.", "Two."], condition: "succeeded" } as const;
      await store.tasks.insertChain({ ...chain, touches: [["a"], ["b", "c"]] });
      await store.tasks.insertChain(chain);
      const touched = [];
      for (const id of [1, 2, 3, 4]) touched.push((await store.tasks.get(id))?.touches);
      assert.deepEqual(touched, [["a"], ["b", "c"], ["a"], ["a"]]);
    },
  },
  {
    name: "hundreds of tasks deep, one after the other starts and ends",
    run: async ({ store }) => {
      const { text: _, ...shared } = asked();
      const texts = Array.from({ length: 300 }, (_each, index) => `Part ${index + 1}.`);
      await store.tasks.insertChain({ asked: shared, texts, condition: "succeeded" });
      for (let id = 1; id <= 300; id += 1) {
        assert.deepEqual(await headIds(store), [id]);
        await start(store, id);
        await change(store, id, conclusion(`lease-${id}`));
      }
      assert.deepEqual(await headIds(store), []);
    },
  },
  {
    name: "a queued task can be told to wait for others, or for none",
    run: async ({ store }) => {
      await succeed(store);
      await insert(store);
      await insert(store, { dependsOn: after(2) });
      await insert(store);
      const dependsOn = [...after(1), { taskId: 4, condition: "finished" } as const];
      const replaced = await replace(store, 3, dependsOn);
      assert.deepEqual(replaced.ok && replaced.task, await store.tasks.get(3));
      assert.deepEqual(
        (await store.dependencies.ofTask(3)).map(({ taskId, standing }) => [taskId, standing]),
        [
          [1, "met"],
          [4, "open"],
        ],
      );
      assert.deepEqual(await headIds(store), [2, 4]);
      await replace(store, 3, []);
      assert.deepEqual(await headIds(store), [2, 3, 4]);
      await replace(store, 3, after(2, 2));
      assert.deepEqual(await headIds(store), [2, 4]);
      assert.deepEqual(
        (await store.events.after(0, 100, { taskId: 3, types: ["task.edited"] })).map(
          ({ data }) => data,
        ),
        [
          { by: "ann", dependsOn: ["1", "4:finished"] },
          { by: "ann", dependsOn: [] },
          { by: "ann", dependsOn: ["2"] },
        ],
      );
    },
  },
  {
    name: "what would wait for itself, what is not there or not queued is refused without a trace",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await insert(store, { dependsOn: after(2) });
      await insert(store);
      await start(store, 4);
      const before = await everything(store);
      const refusals = [
        await replace(store, 1, after(3)),
        await replace(store, 1, after(4, 1)),
        await replace(store, 1, after(8)),
        await replace(store, 9, after(1)),
        await replace(store, 4, after(1)),
      ].map((each) => !each.ok && each.refusal);
      assert.deepEqual(refusals, [
        { reason: "circle", way: [1, 3, 2, 1] },
        { reason: "circle", way: [1, 1] },
        { reason: "unknown-dependency", taskId: 8 },
        { reason: "not-found" },
        {
          reason: "wrong-state",
          state: "running",
          message: "Task 4 is running: only a queued task can wait for others.",
        },
      ]);
      assert.deepEqual(await everything(store), before);
    },
  },
  {
    name: "a cancelled task that waits closes no circle when it is brought back",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await change(store, 2, { type: "cancel", at: NOW, by: "ann", reason: null });
      const way = [1, 2, 1];
      const refused = { ok: false, refusal: { reason: "circle", way } };
      assert.deepEqual(await replace(store, 1, after(2)), refused);
      const onEnd = [{ taskId: 2, condition: "finished" } as const];
      assert.deepEqual(await replace(store, 1, onEnd), refused);
    },
  },
  {
    name: "a task is cancelled with all that wait for it, at once, but not who waits for its end",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await insert(store, { dependsOn: after(1, 2) });
      await insert(store, { dependsOn: [{ taskId: 3, condition: "finished" }] });
      await insert(store);
      const cancelled = await store.dependencies.cancelAlong(1, CANCEL);
      assert.deepEqual(cancelled.ok && [cancelled.task.state, cancelled.along], [
        "cancelled",
        [2, 3],
      ]);
      assert.deepEqual(await headIds(store), [4, 5]);
      assert.deepEqual(await store.dependencies.blocked(9), []);
      assert.deepEqual(await store.dependencies.cancelAlong(9, CANCEL), {
        ok: false,
        refusal: { reason: "not-found" },
      });
      assert.equal((await store.dependencies.cancelAlong(1, CANCEL)).ok, false);
    },
  },
  {
    name: "a running task is asked to end, those that wait for it are cancelled at once",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await start(store, 1);
      const cancelled = await store.dependencies.cancelAlong(1, CANCEL);
      assert.deepEqual(cancelled.ok && [cancelled.task.state, cancelled.along], ["running", [2]]);
      assert.equal((await store.tasks.get(2))?.state, "cancelled");
    },
  },
  {
    name: "what waits for a newer task is purged with it, in whatever order they came",
    run: async ({ store }) => {
      await insert(store);
      await insert(store);
      await insert(store);
      await replace(store, 1, after(2));
      await replace(store, 2, after(3));
      for (const id of [3, 2]) {
        await change(store, id, { type: "cancel", at: NOW, by: "ann", reason: null });
      }
      assert.deepEqual(await store.tasks.purge(NOW + 1), []);
      await change(store, 1, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.deepEqual(await store.tasks.purge(NOW + 1), [1, 2, 3]);
      assert.equal((await insert(store)).id, 4);
    },
  },
];

const CANCEL = { at: NOW, by: "ann", reason: "changed my mind" } as const;

function replace(
  store: Store,
  id: number,
  dependsOn: Parameters<Store["dependencies"]["replace"]>[1]["dependsOn"],
): ReturnType<Store["dependencies"]["replace"]> {
  return store.dependencies.replace(id, { at: NOW, by: "ann", dependsOn });
}

async function headIds(store: Store): Promise<readonly number[]> {
  return (await store.tasks.heads(NOW + 1000, 9)).map(({ id }) => id);
}
