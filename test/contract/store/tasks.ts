import assert from "node:assert/strict";
import { laneOf } from "../../../src/core/lane.ts";
import {
  after as onSuccessOf,
  aProject,
  change,
  conclusion,
  type ContractCase,
  CRASHED,
  eventTypes,
  everything,
  insert,
  MINUTE_MS,
  NOW,
  asked,
  start,
  succeed,
} from "./contract.ts";

const ALL = { before: null, limit: 100 };

/** Tasks come in, are found, listed, counted, changed and purged. */
export const taskCases: readonly ContractCase[] = [
  {
    name: "an inserted task is queued, with its event",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      const submission = asked({
        kind: "serious",
        priority: "high",
        source: "slack",
        project: "backend",
        executor: "claude",
        model: "opus",
        template: { name: "greet", values: { whom: "all of you" } },
        timeoutMs: 5000,
        isolation: "process",
        budget: { usd: 2.5, tokens: 7 },
        notBefore: NOW + 1,
        nightOnly: true,
        touches: ["src/api", "docs"],
        deadlineAt: NOW + 6000 * MINUTE_MS,
      });
      const inserted = await store.tasks.insert(submission);
      assert.deepEqual(inserted, {
        ok: true,
        task: {
          id: 1,
          version: 1,
          state: "queued",
          kind: "serious",
          priority: "high",
          source: "slack",
          text: "Say hello.",
          notes: [],
          template: { name: "greet", values: { whom: "all of you" } },
          project: "backend",
          executor: "claude",
          model: "opus",
          timeoutMs: 5000,
          isolation: "process",
          budget: { usd: 2.5, tokens: 7 },
          spent: { usd: 0, tokens: 0 },
          attemptsMax: 3,
          attemptsUsed: 0,
          attempt: 0,
          sessionId: null,
          lease: null,
          notBefore: NOW + 1,
          nightOnly: true,
          deadlineAt: NOW + 6000 * MINUTE_MS,
          touches: ["src/api", "docs"],
          dependsOn: [],
          unmetDependencies: 0,
          lane: laneOf(submission),
          orderKey: NOW - 12 * 60 * MINUTE_MS,
          cancelRequestedAt: null,
          failure: null,
          question: null,
          landing: null,
          verdict: null,
          createdAt: NOW,
          updatedAt: NOW,
          finishedAt: null,
          trashedAt: null,
        },
      });
      assert.deepEqual(await store.tasks.get(1), inserted.ok && inserted.task);
      assert.deepEqual(await store.events.after(1, 10), [
        {
          seq: 2,
          type: "task.queued",
          at: NOW,
          taskId: 1,
          attempt: null,
          data: {
            by: "ann",
            kind: "serious",
            priority: "high",
            source: "slack",
            project: "backend",
          },
        },
      ]);
    },
  },
  {
    name: "ids grow by one",
    run: async ({ store }) => {
      const ids = [(await insert(store)).id, (await insert(store)).id, (await insert(store)).id];
      assert.deepEqual(ids, [1, 2, 3]);
    },
  },
  {
    name: "any text comes back as it went in",
    run: async ({ store }) => {
      const texts = [
        "",
        "'; DROP TABLE tasks; --",
        "ünï 🌙\r\n\t",
        "a\u0000b",
        "x".repeat(1_100_000),
      ];
      for (const text of texts) {
        const { id } = await insert(store, { text });
        assert.equal((await store.tasks.get(id))?.text, text);
      }
    },
  },
  {
    name: "an unknown project is refused without a trace",
    run: async ({ store }) => {
      const before = await everything(store);
      assert.deepEqual(await store.tasks.insert(asked({ project: "nowhere" })), {
        ok: false,
        refusal: { reason: "unknown-project", project: "nowhere" },
      });
      assert.deepEqual(await everything(store), before);
      assert.equal((await insert(store)).id, 1);
    },
  },
  {
    name: "an unknown dependency is refused without a trace",
    run: async ({ store }) => {
      await insert(store);
      const before = await everything(store);
      assert.deepEqual(await store.tasks.insert(asked({ dependsOn: onSuccessOf(1, 9, 8) })), {
        ok: false,
        refusal: { reason: "unknown-dependency", taskId: 9 },
      });
      assert.deepEqual(await everything(store), before);
    },
  },
  {
    name: "a task that is not there is null",
    run: async ({ store }) => {
      assert.equal(await store.tasks.get(7), null);
    },
  },
  {
    name: "lists are newest first and come in pages",
    run: async ({ store }) => {
      for (let i = 0; i < 5; i += 1) await insert(store);
      const ids = async (before: number | null, limit: number): Promise<readonly number[]> =>
        (await store.tasks.list({}, { before, limit })).map(({ id }) => id);
      assert.deepEqual(await ids(null, 2), [5, 4]);
      assert.deepEqual(await ids(4, 2), [3, 2]);
      assert.deepEqual(await ids(2, 2), [1]);
      assert.deepEqual(await ids(1, 2), []);
    },
  },
  {
    name: "lists keep to every condition given",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      await succeed(store, { project: "backend" }); // 1
      await succeed(store); // 2
      await insert(store, { project: "backend" }); // 3
      await insert(store); // 4
      await start(store, (await insert(store, { project: "backend" })).id); // 5
      await insert(store); // 6
      await change(store, 6, { type: "cancel", at: NOW, by: "ann", reason: null });
      const ids = async (filter: Parameters<typeof store.tasks.list>[0]): Promise<number[]> =>
        (await store.tasks.list(filter, ALL)).map(({ id }) => id);
      assert.deepEqual(await ids({}), [5, 4, 3, 2, 1]);
      assert.deepEqual(await ids({ trashed: false }), [5, 4, 3, 2, 1]);
      assert.deepEqual(await ids({ trashed: true }), [6]);
      assert.deepEqual(await ids({ trashed: true, states: ["failed"] }), []);
      assert.deepEqual(await ids({ states: ["cancelled"] }), []);
      assert.deepEqual(await ids({ states: [] }), []);
      assert.deepEqual(await ids({ states: [], finishedSince: 0 }), []);
      assert.deepEqual(await ids({ states: [], trashed: true }), []);
      assert.deepEqual(await ids({ states: ["queued"] }), [4, 3]);
      assert.deepEqual(await ids({ states: ["succeeded", "running", "running"] }), [5, 2, 1]);
      assert.deepEqual(await ids({ project: "backend" }), [5, 3, 1]);
      assert.deepEqual(await ids({ project: "backend", states: ["queued", "succeeded"] }), [3, 1]);
      assert.deepEqual(await ids({ project: "nowhere" }), []);
      assert.deepEqual(await ids({ finishedSince: NOW + 1000 }), [2, 1]);
      assert.deepEqual(await ids({ finishedSince: NOW + 1000, project: "backend" }), [1]);
      assert.deepEqual(await ids({ finishedSince: NOW + 1001 }), []);
      assert.deepEqual(await ids({ finishedSince: 0, states: ["queued"] }), []);
      assert.deepEqual(await ids({ finishedSince: 0, trashed: true }), [6]);
    },
  },
  {
    name: "counts tell how many tasks are in each state, trashed or not",
    run: async ({ store }) => {
      await insert(store);
      await insert(store);
      await start(store, (await insert(store)).id);
      await succeed(store);
      await insert(store);
      await change(store, 5, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.deepEqual(await store.tasks.counts(), {
        queued: 2,
        running: 1,
        waiting: 0,
        succeeded: 1,
        failed: 0,
        cancelled: 1,
      });
    },
  },
  {
    name: "a change writes the row and its event",
    run: async ({ store }) => {
      const task = await insert(store);
      const what = { type: "edit", at: NOW + 5, by: "bob", priority: "low" } as const;
      const changed = await store.tasks.change(1, what);
      const orderKey = NOW + 12 * 60 * MINUTE_MS;
      const after = { ...task, version: 2, priority: "low", orderKey, updatedAt: NOW + 5 };
      const data = { by: "bob", priority: "low", notBefore: null };
      const events = [{ type: "task.edited", data }];
      assert.deepEqual(changed, { ok: true, task: after, events });
      assert.deepEqual(await store.tasks.get(1), after);
      assert.deepEqual(await store.events.after(1, 10), [
        { seq: 2, type: "task.edited", at: NOW + 5, taskId: 1, attempt: null, data },
      ]);
    },
  },
  {
    name: "every field of a task survives: question, notes, failure, verdict, session",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const question = { text: "Tabs?", defaultAnswer: "yes", deadlineAt: NOW + 9 };
      const asks = conclusion("lease-1", { type: "asked", question });
      const waiting = await change(store, 1, { ...asks, sessionId: "session" });
      assert.equal(waiting.state, "waiting");
      assert.deepEqual(await store.tasks.get(1), waiting);
      assert.deepEqual([waiting.question, waiting.sessionId], [question, "session"]);
      const answered = await change(store, 1, {
        type: "answer",
        at: NOW + 2,
        by: "ann",
        text: "No.",
      });
      assert.deepEqual(await store.tasks.get(1), answered);
      assert.deepEqual([answered.notes, answered.question], [["No."], null]);
      await start(store, 1);
      const crashed = await change(store, 1, conclusion("lease-1", CRASHED));
      assert.deepEqual(await store.tasks.get(1), crashed);
      assert.equal(crashed.failure?.message, "It ended.");
    },
  },
  {
    name: "a refused change leaves no trace",
    run: async ({ store }) => {
      await insert(store);
      const before = await everything(store);
      assert.deepEqual(await store.tasks.change(9, { type: "trash", at: NOW, by: "ann" }), {
        ok: false,
        refusal: { reason: "not-found" },
      });
      const refused = await store.tasks.change(1, { type: "trash", at: NOW, by: "ann" });
      assert.equal(refused.ok, false);
      assert.deepEqual(await everything(store), before);
    },
  },
  {
    name: "a task is not admitted by a change, past the judgement",
    run: async ({ store }) => {
      await insert(store);
      const lease = { id: "lease", owner: "host/1", expiresAt: NOW };
      await assert.rejects(store.tasks.change(1, { type: "admit", at: NOW, lease }));
      assert.equal((await store.tasks.get(1))?.state, "queued");
      assert.deepEqual(await eventTypes(store), ["task.queued"]);
    },
  },
];
