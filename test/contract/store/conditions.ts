import assert from "node:assert/strict";
import { CONDITIONS, type Condition, type DependencyState } from "../../../src/core/dependency.ts";
import type { Verdict } from "../../../src/core/verdict.ts";
import type { Store } from "../../../src/ports/store.ts";
import {
  after,
  aProject,
  asked,
  change,
  conclusion,
  type ContractCase,
  CRASHED,
  everything,
  insert,
  NOW,
  start,
} from "./contract.ts";

/** What a task waits for another to come to, and what becomes of it when that cannot come any more. */
export const conditionCases: readonly ContractCase[] = [
  {
    name: "each condition is met by what it names, and broken by what it can no longer be",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      await insert(store, { project: "backend" });
      await waitForAll(store, 1);
      await succeedWith(store, 1, "refuted");
      assert.deepEqual(await standings(store), ["met", "broken", "open", "broken", "met"]);
      await change(store, 1, { type: "retry", at: NOW, by: "ann", note: null });
      assert.deepEqual(await standings(store), ["met", "open", "open", "open", "met"]);
      await succeedWith(store, 1, "verified");
      await change(store, 1, settled("rejected"));
      assert.deepEqual(await standings(store), ["met", "met", "broken", "broken", "met"]);
      await change(store, 1, settled("landed"));
      assert.deepEqual(await standings(store), ["met", "met", "met", "broken", "met"]);
    },
  },
  {
    name: "what waits for a failure may start after it, and stays so when the task is tried again",
    run: async ({ store }) => {
      await insert(store, { attemptsMax: 1 });
      await insert(store, { dependsOn: [{ taskId: 1, condition: "failed" }] });
      await fail(store, 1);
      assert.deepEqual(await headIds(store), [2]);
      await change(store, 1, { type: "retry", at: NOW, by: "ann", note: null });
      await start(store, 1);
      await change(store, 1, conclusion("lease-1"));
      assert.equal((await store.tasks.get(2))?.state, "queued");
    },
  },
  {
    name: "what was to follow a failure is cancelled by success, with all behind it but who waits for its end",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: [{ taskId: 1, condition: "failed" }] });
      await insert(store, { dependsOn: after(2) });
      await insert(store, { dependsOn: [{ taskId: 2, condition: "finished" }] });
      await insert(store, { dependsOn: after(3) });
      const seq = await store.events.lastSeq();
      await succeedWith(store, 1, "verified");
      const tasks = await Promise.all([2, 3, 4, 5].map((id) => store.tasks.get(id)));
      const states = tasks.map((task) => task?.state);
      assert.deepEqual(states, ["cancelled", "cancelled", "queued", "cancelled"]);
      assert.deepEqual(await headIds(store), [4]);
      const told = await store.events.after(seq, 100);
      const reason = "Task 1 succeeded, so what was to follow its failure is not needed.";
      assert.deepEqual(
        told
          .filter(({ type }) => type !== "task.admitted")
          .map(({ type, taskId, data }) => [type, taskId, data["reason"]]),
        [
          ["task.succeeded", 1, undefined],
          ["task.cancelled", 2, reason],
          ["task.cancelled", 3, reason],
          ["task.cancelled", 5, reason],
        ],
      );
      assert.deepEqual(await store.dependencies.blocked(10), []);
      // Brought back, they wait for what did not come: now that is to be decided.
      await change(store, 2, { type: "restore", at: NOW, by: "ann" });
      assert.deepEqual(await store.dependencies.blocked(10), [
        { taskId: 1, waiting: [2], count: 1, behind: 0 },
      ]);
    },
  },
  {
    name: "a dead task is one decision, told once, however many wait behind it",
    run: async ({ store }) => {
      const { text: _, ...chain } = asked();
      const texts = Array.from({ length: 60 }, (_each, index) => `Part ${index}.`);
      await store.tasks.insertChain({ asked: chain, texts, condition: "verified" });
      await insert(store, { dependsOn: after(1, 60) });
      const seq = await store.events.lastSeq();
      await change(store, 1, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.deepEqual(await toldOf(store, seq), [
        ["dependents.blocked", 1, { tasks: [2, 61], count: 2 }],
      ]);
      const blocked = [{ taskId: 1, waiting: [2, 61], count: 2, behind: 58 }];
      assert.deepEqual(await store.dependencies.blocked(10), blocked);
      assert.deepEqual(await store.dependencies.blocked(0), []);
      assert.equal(await store.dependencies.stuckBehind(50), 2);
      assert.equal(await store.dependencies.stuckBehind(2), null);
      await change(store, 1, { type: "restore", at: NOW, by: "ann" });
      assert.deepEqual((await toldOf(store, seq)).slice(1), [
        ["dependents.unblocked", 1, { tasks: [2, 61], count: 2 }],
      ]);
      assert.deepEqual(await store.dependencies.blocked(10), []);
      assert.equal(await store.dependencies.stuckBehind(50), null);
    },
  },
  {
    name: "a dependency that can no longer be met is refused without a trace",
    run: async ({ store }) => {
      await insert(store, { attemptsMax: 1 });
      await fail(store, 1);
      const before = await everything(store);
      const dependency: DependencyState = {
        taskId: 1,
        condition: "verified",
        standing: "broken",
        state: "failed",
        trashed: false,
        verdict: "refuted",
        decision: null,
      };
      const wanted = asked({ dependsOn: [{ taskId: 1, condition: "verified" }] });
      const refused = { ok: false, refusal: { reason: "broken-dependency", dependency } };
      assert.deepEqual(await store.tasks.insert(wanted), refused);
      const { text, ...shared } = wanted;
      const chain = { asked: shared, texts: [text, text], condition: "succeeded" } as const;
      assert.deepEqual(await store.tasks.insertChain(chain), refused);
      assert.deepEqual(await everything(store), before);
      await insert(store, { dependsOn: [{ taskId: 1, condition: "finished" }] });
      assert.deepEqual(await headIds(store), [2]);
    },
  },
  {
    name: "a cancelled dependent is no decision until it is brought back",
    run: async ({ store }) => {
      await insert(store, { attemptsMax: 1 });
      await insert(store, { dependsOn: after(1) });
      await change(store, 2, { type: "cancel", at: NOW, by: "ann", reason: null });
      const seq = await store.events.lastSeq();
      await fail(store, 1);
      assert.deepEqual(await toldOf(store, seq), []);
      assert.deepEqual(await store.dependencies.blocked(10), []);
      await change(store, 2, { type: "restore", at: NOW, by: "ann" });
      assert.deepEqual(await store.dependencies.blocked(10), [
        { taskId: 1, waiting: [2], count: 1, behind: 0 },
      ]);
    },
  },
];

async function waitForAll(store: Store, taskId: number): Promise<void> {
  for (const condition of CONDITIONS) await insert(store, { dependsOn: [{ taskId, condition }] });
}

/** How the one dependency of tasks 2 to 6 stands. */
async function standings(store: Store): Promise<readonly (string | undefined)[]> {
  const states = await Promise.all([2, 3, 4, 5, 6].map((id) => store.dependencies.ofTask(id)));
  assert.deepEqual(
    states.map((each): Condition | undefined => each[0]?.condition),
    CONDITIONS,
  );
  return states.map((each) => each[0]?.standing);
}

function settled(decision: "landed" | "rejected") {
  return { type: "settle", at: NOW, by: "ann", decision, commit: null, note: null } as const;
}

async function succeedWith(store: Store, id: number, verdict: Verdict): Promise<void> {
  await start(store, id);
  await change(store, id, { ...conclusion(`lease-${id}`), verdict });
}

async function fail(store: Store, id: number): Promise<void> {
  await start(store, id);
  const verdict = "refuted";
  assert.equal(
    (await change(store, id, { ...conclusion(`lease-${id}`, CRASHED), verdict })).state,
    "failed",
  );
}

async function toldOf(store: Store, seq: number): Promise<readonly unknown[]> {
  const types = ["dependents.blocked", "dependents.unblocked"] as const;
  const events = await store.events.after(seq, 100, { types });
  return events.map(({ type, taskId, data }) => [type, taskId, data]);
}

async function headIds(store: Store): Promise<readonly number[]> {
  return (await store.tasks.heads(NOW + 1000, 9)).map(({ id }) => id);
}
