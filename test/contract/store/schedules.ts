import assert from "node:assert/strict";
import type { NewSchedule, Schedule } from "../../../src/core/schedule.ts";
import type { DueSlot } from "../../../src/core/slots.ts";
import type { ScheduleWithSlot, SettleRequest } from "../../../src/ports/schedule-store.ts";
import type { Store } from "../../../src/ports/store.ts";
import {
  aProject,
  change,
  conclusion,
  type ContractCase,
  eventTypes,
  insert,
  NOW,
  rulesWith,
  start,
} from "./contract.ts";

const HOUR_MS = 3_600_000;

/** A schedule; what a case does not care about is the simplest there is. */
export function aSchedule(patch: Partial<NewSchedule> = {}): NewSchedule {
  return {
    name: "nightly",
    cron: "0 * * * *",
    timeZone: "Europe/Berlin",
    catchUp: "last",
    overlap: "skip",
    task: {
      kind: "thought",
      priority: "normal",
      text: "Say hello.",
      template: null,
      project: null,
      executor: null,
      model: null,
      timeoutMs: null,
      isolation: null,
      budget: null,
      attemptsMax: 3,
      nightOnly: false,
      touches: [],
    },
    deadlineInMs: null,
    createdAt: NOW,
    by: "ann",
    ...patch,
  };
}

async function added(store: Store, patch: Partial<NewSchedule> = {}): Promise<ScheduleWithSlot> {
  const found = await store.schedules.add(aSchedule(patch), NOW + HOUR_MS);
  assert.ok(found !== null);
  return found;
}

/** To settle what is due of a schedule that has just been added. */
function settling(slots: readonly DueSlot[], patch: Partial<SettleRequest> = {}): SettleRequest {
  const open = { scheduleId: 1, version: 1, openDueAt: NOW + HOUR_MS };
  return { ...open, at: NOW + HOUR_MS + 5, slots, nextDueAt: NOW + 2 * HOUR_MS, ...patch };
}

function queue(dueAt: number, late: string | null = null): DueSlot {
  return { dueAt, untilAt: dueAt, count: 1, plan: { type: "queue", late } };
}

const FIRST = NOW + HOUR_MS;
const SECOND = NOW + 2 * HOUR_MS;
const THIRD = NOW + 3 * HOUR_MS;

/** Schedules and the ledger of their slots. */
export const scheduleCases: readonly ContractCase[] = [
  {
    name: "a schedule is added once with its first slot, found, listed by name",
    run: async ({ store }) => {
      assert.equal(await store.schedules.get("nightly"), null);
      assert.equal(await store.schedules.nextDueAt(), null);
      const night = await added(store, { deadlineInMs: HOUR_MS });
      const open = {
        scheduleId: 1,
        dueAt: FIRST,
        untilAt: FIRST,
        count: 1,
        writtenAt: NOW,
        outcome: null,
        settledAt: null,
        taskId: null,
        cause: null,
      };
      const schedule: Schedule = {
        ...aSchedule({ deadlineInMs: HOUR_MS }),
        id: 1,
        version: 1,
        paused: null,
        judgedFrom: NOW,
        removedAt: null,
      };
      assert.deepEqual(night, { schedule, open });
      assert.equal(await store.schedules.add(aSchedule({ cron: "1 * * * *" }), FIRST), null);
      const daily = await added(store, { name: "daily" });
      assert.equal(await store.schedules.nextDueAt(), FIRST);
      assert.deepEqual(await store.schedules.get("nightly"), night);
      assert.deepEqual(await store.schedules.list(), [daily, night]);
      assert.deepEqual(await store.schedules.slots(1, 9), [open]);
      const [told] = await store.events.after(0, 1);
      assert.deepEqual(told, {
        seq: 1,
        type: "schedule.added",
        at: NOW,
        taskId: null,
        attempt: null,
        data: {
          name: "nightly",
          cron: "0 * * * *",
          timeZone: "Europe/Berlin",
          catchUp: "last",
          overlap: "skip",
          project: null,
          by: "ann",
        },
      });
      assert.deepEqual(await eventTypes(store), ["schedule.added", "schedule.added"]);
    },
  },
  {
    name: "a due slot becomes a task, its outcome and the next slot, in one step and once",
    run: async ({ store }) => {
      await added(store, { deadlineInMs: HOUR_MS });
      const request = settling([queue(FIRST)]);
      const settled = await store.schedules.settle(request);
      assert.ok(settled.ok);
      const task = await store.tasks.get(1);
      assert.deepEqual(settled.tasks, [task]);
      const { source, createdAt, deadlineAt, text } = task ?? {};
      assert.deepEqual(
        { source, createdAt, deadlineAt, text },
        {
          source: "schedule",
          createdAt: FIRST + 5,
          deadlineAt: FIRST + HOUR_MS,
          text: "Say hello.",
        },
      );
      const [open, ran] = await store.schedules.slots(1, 9);
      assert.deepEqual(settled.slots, [ran]);
      assert.deepEqual(ran, {
        scheduleId: 1,
        dueAt: FIRST,
        untilAt: FIRST,
        count: 1,
        writtenAt: NOW,
        outcome: "ran",
        settledAt: FIRST + 5,
        taskId: 1,
        cause: null,
      });
      assert.deepEqual([open?.dueAt, open?.outcome, open?.writtenAt], [SECOND, null, FIRST + 5]);
      assert.deepEqual((await store.schedules.get("nightly"))?.open, open);
      assert.equal(await store.schedules.nextDueAt(), SECOND);
      assert.deepEqual(await eventTypes(store), ["schedule.added", "task.queued", "slot.ran"]);
      const ofTask = await store.events.after(0, 9, { taskId: 1 });
      assert.deepEqual(
        ofTask.map(({ type }) => type),
        ["task.queued", "slot.ran"],
      );
      const seq = await store.events.lastSeq();
      assert.deepEqual(await store.schedules.settle(request), { ok: false });
      assert.equal(await store.events.lastSeq(), seq);
      assert.deepEqual(await store.schedules.ofTasks([1, 2]), [
        { taskId: 1, schedule: "nightly", dueAt: FIRST },
      ]);
    },
  },
  {
    name: "slots that nothing is made of are one row; late ones say why",
    run: async ({ store }) => {
      await added(store);
      const missed: DueSlot = {
        dueAt: FIRST,
        untilAt: SECOND,
        count: 2,
        plan: { type: "leave", outcome: "missed", cause: "asleep" },
      };
      const patch = { at: THIRD + HOUR_MS / 2, nextDueAt: THIRD + HOUR_MS };
      const settled = await store.schedules.settle(settling([missed, queue(THIRD, "late")], patch));
      assert.ok(settled.ok);
      assert.deepEqual(
        settled.slots.map(({ dueAt, untilAt, count, outcome, taskId, cause }) => [
          dueAt,
          untilAt,
          count,
          outcome,
          taskId,
          cause,
        ]),
        [
          [FIRST, SECOND, 2, "missed", null, "asleep"],
          [THIRD, THIRD, 1, "deferred", 1, "late"],
        ],
      );
      const told = (await store.events.after(0, 9)).find(({ type }) => type === "slot.missed");
      assert.deepEqual(told?.data, {
        schedule: "nightly",
        dueAt: new Date(FIRST).toISOString().replace(".000", ""),
        untilAt: new Date(SECOND).toISOString().replace(".000", ""),
        count: 2,
        message: "asleep",
      });
    },
  },
  {
    name: "a slot is skipped while the task before has not ended, unless they may queue",
    run: async ({ store }) => {
      await added(store);
      await store.schedules.settle(settling([queue(FIRST)]));
      const second = { openDueAt: SECOND, at: SECOND, nextDueAt: THIRD };
      const skipped = await store.schedules.settle(settling([queue(SECOND)], second));
      assert.ok(skipped.ok);
      assert.deepEqual(skipped.tasks, []);
      assert.equal(skipped.slots[0]?.outcome, "skipped");
      assert.equal(skipped.slots[0]?.cause, "task 1 of a slot before is queued");
      await start(store, 1);
      await change(store, 1, conclusion("lease-1", undefined, SECOND + 1));
      const third = { openDueAt: THIRD, at: THIRD, nextDueAt: THIRD + HOUR_MS };
      const ran = await store.schedules.settle(settling([queue(THIRD)], third));
      assert.equal(ran.ok && ran.slots[0]?.outcome, "ran");
      await added(store, { name: "hourly", overlap: "queue" });
      const both = [queue(FIRST, "late"), queue(SECOND)];
      const patch = { scheduleId: 2, at: SECOND, nextDueAt: THIRD };
      const queued = await store.schedules.settle(settling(both, patch));
      assert.ok(queued.ok);
      assert.deepEqual(
        queued.slots.map(({ outcome, taskId }) => [outcome, taskId]),
        [
          ["deferred", 3],
          ["ran", 4],
        ],
      );
    },
  },
  {
    name: "a slot whose project is gone has failed, and says what to do",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      const { task } = aSchedule();
      await added(store, { task: { ...task, kind: "serious", project: "backend" } });
      await store.projects.remove("backend", NOW);
      const settled = await store.schedules.settle(settling([queue(FIRST)]));
      assert.ok(settled.ok);
      assert.deepEqual(settled.tasks, []);
      assert.equal(settled.slots[0]?.outcome, "failed");
      assert.match(settled.slots[0]?.cause ?? "", /no project backend any more/u);
      assert.equal((await store.tasks.list({}, { before: null, limit: 9 })).length, 0);
    },
  },
  {
    name: "a slot whose task finds no room has failed, unless a generated task gives way to it",
    run: async ({ store }) => {
      await added(store, { overlap: "queue" });
      await insert(store, { kind: "generated", source: "generator" });
      const queueLimits = { max: 2, maxPerSource: 1, sources: {} };
      const { order } = rulesWith();
      const both = [queue(FIRST, "late"), queue(SECOND)];
      const patch = {
        at: SECOND,
        nextDueAt: THIRD,
        queueLimits: { ...queueLimits, max: 1 },
        order,
      };
      const settled = await store.schedules.settle(settling(both, patch));
      assert.ok(settled.ok);
      assert.deepEqual(
        settled.slots.map(({ outcome, taskId, cause }) => [outcome, taskId, cause]),
        [
          ["deferred", 2, "late"],
          ["failed", null, "all 1 places for tasks from schedule in the queue are taken"],
        ],
      );
      assert.equal((await store.tasks.get(1))?.state, "cancelled");
      assert.deepEqual((await eventTypes(store)).slice(-4), [
        "task.cancelled",
        "task.queued",
        "slot.deferred",
        "slot.failed",
      ]);
      const third = { openDueAt: THIRD, at: THIRD, nextDueAt: THIRD + HOUR_MS, queueLimits };
      const failed = await store.schedules.settle(settling([queue(THIRD)], third));
      assert.equal(failed.ok && failed.slots[0]?.outcome, "failed");
      assert.equal((await store.schedules.get("nightly"))?.open?.dueAt, THIRD + HOUR_MS);
    },
  },
  {
    name: "its tasks get their places by the weights that are given",
    run: async ({ store }) => {
      const { task } = aSchedule();
      await added(store, { task: { ...task, priority: "high" } });
      const order = { ...rulesWith().order, priorityMs: 7 };
      const settled = await store.schedules.settle(settling([queue(FIRST)], { order }));
      assert.equal(settled.ok && settled.tasks[0]?.orderKey, FIRST + 5 - 7);
    },
  },
  {
    name: "paused, it is settled only as paused; it goes on with all forgiven",
    run: async ({ store }) => {
      await added(store);
      const pause = { at: NOW + 1, by: "bob", reason: "not now" };
      const paused = await store.schedules.pause("nightly", pause);
      assert.deepEqual([paused?.version, paused?.paused], [2, pause]);
      const again = await store.schedules.pause("nightly", { ...pause, reason: "other" });
      assert.deepEqual(again, paused);
      assert.deepEqual(await store.schedules.settle(settling([queue(FIRST)])), { ok: false });
      const skipped: DueSlot = {
        ...queue(FIRST),
        plan: { type: "leave", outcome: "skipped", cause: "paused" },
      };
      const settled = await store.schedules.settle(settling([skipped], { version: 2 }));
      assert.equal(settled.ok && settled.slots[0]?.outcome, "skipped");
      const resumed = await store.schedules.resume("nightly", FIRST + 9, "ann");
      assert.deepEqual(
        [resumed?.version, resumed?.paused, resumed?.judgedFrom],
        [3, null, FIRST + 9],
      );
      assert.deepEqual(await store.schedules.resume("nightly", FIRST + 10, "ann"), resumed);
      assert.deepEqual((await store.schedules.get("nightly"))?.schedule, resumed);
      const types = ["schedule.added", "schedule.paused", "slot.skipped", "schedule.resumed"];
      assert.deepEqual(await eventTypes(store), types);
      assert.equal(await store.schedules.pause("none", pause), null);
      assert.equal(await store.schedules.resume("none", NOW, "ann"), null);
    },
  },
  {
    name: "removed, its open slot is skipped, what came of the others stays, and its name is free",
    run: async ({ store }) => {
      await added(store);
      await store.schedules.settle(settling([queue(FIRST)]));
      const removed = await store.schedules.remove("nightly", FIRST + 9, "bob");
      assert.deepEqual([removed?.version, removed?.removedAt], [2, FIRST + 9]);
      assert.equal(await store.schedules.remove("nightly", FIRST + 9, "bob"), null);
      assert.equal(await store.schedules.get("nightly"), null);
      assert.deepEqual(await store.schedules.list(), []);
      assert.equal(await store.schedules.nextDueAt(), null);
      assert.deepEqual(
        (await store.schedules.slots(1, 9)).map(({ outcome, cause }) => [outcome, cause]),
        [
          ["skipped", "removed by bob"],
          ["ran", null],
        ],
      );
      const late = { version: 2, openDueAt: SECOND, at: SECOND, nextDueAt: THIRD };
      assert.deepEqual(await store.schedules.settle(settling([queue(SECOND)], late)), {
        ok: false,
      });
      const types = await eventTypes(store);
      assert.deepEqual(types.slice(-2), ["slot.skipped", "schedule.removed"]);
      assert.equal((await added(store)).schedule.id, 2);
      assert.deepEqual(await store.schedules.ofTasks([1]), [
        { taskId: 1, schedule: "nightly", dueAt: FIRST },
      ]);
    },
  },
  {
    name: "its newest ended tasks are those that succeeded or failed since then",
    run: async ({ store }) => {
      await added(store, { overlap: "queue" });
      await store.schedules.settle(
        settling([queue(FIRST, "late"), queue(SECOND)], { nextDueAt: THIRD }),
      );
      for (const id of [1, 2]) {
        await start(store, id);
        await change(store, id, conclusion(`lease-${id}`, undefined, SECOND + id));
      }
      const third = { openDueAt: THIRD, at: THIRD, nextDueAt: THIRD + HOUR_MS };
      await store.schedules.settle(settling([queue(THIRD)], third));
      await change(store, 3, { type: "cancel", at: THIRD, by: "ann", reason: null });
      const ids = async (since: number, limit: number): Promise<readonly number[]> =>
        (await store.schedules.ended(1, since, limit)).map(({ id }) => id);
      assert.deepEqual(await ids(0, 9), [2, 1]);
      assert.deepEqual(await ids(SECOND + 2, 9), [2]);
      assert.deepEqual(await ids(0, 1), [2]);
      assert.deepEqual(await store.schedules.ended(1, 0, 1), [await store.tasks.get(2)]);
    },
  },
  {
    name: "of several that settle the same slot one does",
    needsAgain: true,
    run: async ({ store, again }) => {
      await added(store);
      const other = await again?.();
      assert.ok(other !== undefined);
      const request = settling([queue(FIRST)]);
      const answers = await Promise.all(
        [store, other, store, other].map((each) => each.schedules.settle(request)),
      );
      await other[Symbol.asyncDispose]();
      assert.equal(answers.filter(({ ok }) => ok).length, 1);
      assert.equal((await store.tasks.list({}, { before: null, limit: 9 })).length, 1);
    },
  },
];
