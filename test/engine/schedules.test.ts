import { describe, expect, it } from "vitest";
import { openCron } from "../../src/adapters/cron/cron.ts";
import type { Slot } from "../../src/core/schedule.ts";
import { openSchedules, type ScheduleInput, type Schedules } from "../../src/engine/schedules.ts";
import type { EngineParts } from "../../src/engine/engine.ts";
import { hangs } from "../../src/testing/fake-executor.ts";
import { DAY_MS, type Night, setup } from "./setup.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const FROM = { by: "ada", source: "cli" } as const;

interface Scheduled extends Night {
  readonly schedules: Schedules;
  readonly add: (cron: string, patch?: Partial<ScheduleInput>) => Promise<string>;
  /** `outcome×count` of each row, oldest first, with the time of the open one. */
  readonly books: (scheduleId?: number) => Promise<readonly string[]>;
  readonly slots: (scheduleId?: number) => Promise<readonly Slot[]>;
}

/** A night from 22:00 UTC on with what is asked for again and again. */
function scheduled(patch: Partial<EngineParts> = {}): Scheduled {
  const night = setup(patch);
  const { store, clock } = night;
  const schedules = openSchedules({ store, clock, cron: openCron(), attemptsMaxDefault: 3 });
  const slots = async (scheduleId = 1): Promise<readonly Slot[]> =>
    (await store.schedules.slots(scheduleId, 1000)).toReversed();
  return {
    ...night,
    schedules,
    slots,
    add: async (cron, more = {}) => {
      const added = await schedules.add({ ...INPUT, cron, ...more }, FROM);
      if (!added.ok) throw new Error(added.problem.message);
      return added.value.schedule.name;
    },
    books: async (scheduleId) =>
      (await slots(scheduleId)).map(({ outcome, count, dueAt }) =>
        outcome === null ? new Date(dueAt).toISOString().slice(11, 16) : `${outcome}×${count}`,
      ),
  };
}

const INPUT: ScheduleInput = {
  cron: "0 * * * *",
  timeZone: "UTC",
  name: null,
  catchUp: null,
  overlap: null,
  deadlineInMs: null,
  task: { text: "Look around" },
};

describe("a schedule", () => {
  it("queues a task at each of its times and promises the next one before", async () => {
    const night = scheduled();
    await night.engine.start();
    await night.add("0 * * * *", { deadlineInMs: 2 * HOUR_MS });
    expect(await night.books()).toEqual(["23:00"]);
    await night.clock.advance(HOUR_MS - 1);
    expect(await night.store.tasks.get(1)).toBeNull();
    await night.clock.advance(1000);
    await night.reaches(1, "succeeded", 1000);
    const task = await night.get(1);
    expect(task).toMatchObject({ source: "schedule", text: "Look around", kind: "thought" });
    expect((task.deadlineAt ?? 0) % HOUR_MS).toBe(0);
    expect(await night.books()).toEqual(["ran×1", "00:00"]);
    await night.clock.advance(2 * HOUR_MS);
    expect(await night.books()).toEqual(["ran×1", "ran×1", "ran×1", "02:00"]);
    expect(await night.eventTypes(2)).toEqual(
      expect.arrayContaining(["task.queued", "slot.ran", "task.succeeded"]),
    );
    await night.engine.stop(0);
  });

  it("skips a slot while the task before runs, and queues where it may", async () => {
    const night = scheduled();
    night.executor.set(hangs());
    await night.engine.start();
    await night.add("*/10 * * * *");
    await night.add("*/10 * * * *", { overlap: "queue" });
    await night.clock.advance(35 * MINUTE_MS);
    expect(await night.books(1)).toEqual(["ran×1", "skipped×1", "skipped×1", "22:40"]);
    expect((await night.slots(1))[1]?.cause).toBe("task 1 of a slot before is running");
    expect(await night.books(2)).toEqual(["ran×1", "ran×1", "ran×1", "22:40"]);
    await night.engine.stop(0);
  });

  it("tells of a slot whose task finds no room, and goes on", async () => {
    const night = scheduled({ queueLimits: { max: 9, maxPerSource: 9, sources: { schedule: 0 } } });
    await night.engine.start();
    await night.add("0 * * * *");
    await night.clock.advance(HOUR_MS + 1000);
    expect(await night.books()).toEqual(["failed×1", "00:00"]);
    expect((await night.slots())[0]?.cause).toBe(
      "all 0 places for tasks from schedule in the queue are taken",
    );
    await night.engine.stop(0);
  });

  it("is queued once by two daemons", async () => {
    const night = scheduled();
    const other = night.another();
    await night.engine.start();
    await other.start();
    await night.add("*/5 * * * *");
    await night.clock.advance(HOUR_MS);
    const books = await night.books();
    expect(books).toEqual([...Array<string>(12).fill("ran×1"), "23:05"]);
    expect((await night.store.tasks.counts()).succeeded).toBe(12);
    await night.engine.stop(0);
    await other.stop(0);
  });
});

describe("what nobody was awake for", () => {
  it.each([
    ["skip", ["missed×5", "04:00"]],
    ["last", ["missed×4", "deferred×1", "04:00"]],
    ["all", [...Array<string>(5).fill("deferred×1"), "04:00"]],
  ])("with the policy %s", async (catchUp, books) => {
    const night = scheduled();
    await night.add("0 * * * *", { catchUp });
    night.clock.jump(5.5 * HOUR_MS);
    await night.engine.start();
    await night.until(async () => (await night.books()).at(-1) === "04:00", 1);
    expect(await night.books()).toEqual(books);
    await night.engine.stop(0);
  });

  it("is one row however much it was, and `all` makes up for the newest only", async () => {
    const night = scheduled();
    await night.add("*/10 * * * *", { catchUp: "all" });
    night.clock.jump(30 * DAY_MS);
    await night.engine.start();
    await night.until(async () => (await night.slots()).length > 1, 1);
    const rows = await night.slots();
    const total = rows.reduce((sum, { count, outcome }) => sum + (outcome === null ? 0 : count), 0);
    expect([rows.length, rows[0]?.count, total]).toEqual([26, 30 * 144 - 24, 30 * 144]);
    expect(rows[0]?.cause).toBe("no daemon was awake then; 24 are made up for");
    await night.engine.stop(0);
  });

  it("is counted in steps, and anew when the clock is set back meanwhile", async () => {
    const night = scheduled();
    await night.add("* * * * *");
    night.clock.jump(4 * DAY_MS);
    await night.engine.start();
    await night.clock.advance(20);
    expect(await night.books()).toEqual(["22:01"]);
    night.clock.jump(-3 * DAY_MS);
    const noon = night.clock.now();
    await night.until(async () => (await night.slots()).length > 1, 1);
    const [missed, made, open] = await night.slots();
    expect([missed?.outcome, missed?.count, made?.outcome]).toEqual(["missed", 1439, "ran"]);
    expect(open?.dueAt).toBe(noon - (noon % MINUTE_MS) + MINUTE_MS);
    await night.engine.stop(0);
  });

  it("a clock that is set back makes no slot come twice", async () => {
    const night = scheduled();
    await night.engine.start();
    await night.add("0 * * * *");
    await night.clock.advance(2.5 * HOUR_MS);
    night.clock.jump(-2 * HOUR_MS);
    await night.clock.advance(3 * HOUR_MS);
    expect(await night.books()).toEqual(["ran×1", "ran×1", "ran×1", "02:00"]);
    expect((await night.slots()).map(({ dueAt }) => dueAt % HOUR_MS)).toEqual([0, 0, 0, 0]);
    await night.engine.stop(0);
  });
});

describe("a pause", () => {
  it("skips what is due meanwhile, and forgets nothing that was missed before", async () => {
    const night = scheduled();
    await night.add("0 * * * *");
    night.clock.jump(2.5 * HOUR_MS);
    expect(await night.schedules.pause("look-around", "ada", null)).toMatchObject({ ok: true });
    expect(await night.books()).toEqual(["missed×2", "01:00"]);
    await night.engine.start();
    await night.clock.advance(2 * HOUR_MS);
    expect((await night.slots()).map(({ cause }) => cause)).toEqual([
      "no daemon was awake then; the newest slot counts",
      "paused: by ada",
      "paused: by ada",
      null,
    ]);
    await night.engine.stop(0);
    night.clock.jump(HOUR_MS);
    expect(await night.schedules.resume("look-around", "bob")).toMatchObject({ ok: true });
    expect((await night.books()).slice(-2)).toEqual(["skipped×1", "04:00"]);
    expect(await night.store.tasks.get(1)).toBeNull();
  });

  it("is refused for what is paused, and a going on for what goes on", async () => {
    const night = scheduled();
    await night.add("0 * * * *");
    expect(await night.schedules.resume("look-around", "ada")).toMatchObject({
      problem: { code: "conflict", message: "The schedule look-around is not paused." },
    });
    await night.schedules.pause("look-around", "ada", "holiday");
    expect(await night.schedules.pause("look-around", "ada", null)).toMatchObject({
      problem: {
        code: "conflict",
        message: "The schedule look-around is paused already: holiday.",
      },
    });
  });

  it("a removal makes up for nothing, and every slot has its outcome", async () => {
    const night = scheduled();
    await night.add("0 * * * *");
    night.clock.jump(2.5 * HOUR_MS);
    expect(await night.schedules.remove("look-around", "ada")).toMatchObject({ ok: true });
    expect(await night.books()).toEqual(["missed×2", "skipped×1"]);
    expect((await night.slots()).at(-1)?.cause).toBe("removed by ada");
    expect(await night.store.tasks.get(1)).toBeNull();
    for (const ask of [night.schedules.show, (name: string) => night.schedules.remove(name, "a")]) {
      expect(await ask("look-around")).toMatchObject({ problem: { code: "not-found" } });
    }
  });
});

describe("a schedule that gets nowhere", () => {
  /** Receipts of tasks by number: the tree, and the checks that failed. */
  async function run(
    receipts: readonly (readonly [string, readonly string[]])[],
  ): Promise<Scheduled> {
    const night = scheduled();
    await night.tasks.addProject({ name: "backend", location: "/src", parallelMax: 1 });
    await night.engine.start();
    const task = { text: "Look around", project: "backend" };
    await night.add("0 * * * *", { task });
    for (const [index, [tree, failed]] of receipts.entries()) {
      await night.clock.advance(HOUR_MS + 1000);
      await night.reaches(index + 1, "succeeded", 1000);
      const results = (await night.store.attempts.ofTask(index + 1)).at(-1)?.results ?? "";
      const checks = failed.map((name) => ({ name, outcome: "failed" }));
      const receipt = JSON.stringify({ receipt: { tree, checks } });
      await night.artifacts.write(results, "receipt.json", receipt);
    }
    await night.clock.advance(HOUR_MS);
    return night;
  }

  it.each([
    [
      "same check",
      [
        ["a", ["lint", "test"]],
        ["b", ["test"]],
        ["c", ["x", "test"]],
      ],
      "fail the same check, test",
    ],
    [
      "same files",
      [
        ["a", []],
        ["a", ["test"]],
        ["a", []],
      ],
      "end with the same files",
    ],
    [
      "nothing accepted",
      [
        ["a", []],
        ["b", []],
        ["c", []],
      ],
      "succeeded, and no result of them was accepted",
    ],
  ] as const)("is paused and told: %s", async (_, receipts, reason) => {
    const night = await run(receipts);
    const [found] = await night.schedules.list();
    expect(found?.schedule.paused).toMatchObject({
      by: "the scheduler",
      reason: `the last 3 tasks (#3, #2, #1) ${reason}`,
    });
    expect((await night.books()).slice(2, 4)).toEqual(["ran×1", "skipped×1"]);
    const events = await night.store.events.after(0, 1000, { types: ["schedule.paused"] });
    expect(events.map(({ data }) => data["name"])).toEqual(["look-around"]);
    await night.schedules.resume("look-around", "ada");
    await night.clock.advance(HOUR_MS);
    expect(await night.get(4)).toMatchObject({ source: "schedule" });
    await night.engine.stop(0);
  });

  it("goes on once a result was landed", async () => {
    const night = await run([
      ["a", []],
      ["b", []],
    ]);
    await night.reaches(3, "succeeded", 1000);
    const settle = {
      type: "settle",
      by: "ada",
      decision: "landed",
      commit: "c",
      note: null,
    } as const;
    await night.store.tasks.change(2, { ...settle, at: night.clock.now() });
    await night.clock.advance(HOUR_MS);
    expect((await night.schedules.list())[0]?.schedule.paused).toBeNull();
    await night.engine.stop(0);
  });
});

describe("what cannot be added", () => {
  it.each([
    [{ cron: "0 0 30 2 *" }, "invalid", "names a day that no year has"],
    [{ timeZone: "Mars/Phobos" }, "invalid", 'There is no time zone "Mars/Phobos"'],
    [{ name: "My Name" }, "invalid", '"My Name" cannot be the name of a schedule'],
    [{ catchUp: "some" }, "invalid", '--catch-up takes one of skip, last, all, not "some".'],
    [{ overlap: "some" }, "invalid", '--overlap takes one of skip, queue, not "some".'],
    [{ catchUp: "all", overlap: "skip" }, "invalid", "--catch-up all needs --overlap queue"],
    [{ deadlineInMs: 1 }, "invalid", "The deadline may be from 1m to 366d after a slot."],
    [{ task: { text: "  " } }, "invalid", "The text is empty"],
    [{ task: { text: "x", project: "nowhere" } }, "not-found", 'There is no project "nowhere"'],
    [{ name: "taken" }, "conflict", 'There is already a schedule "taken"'],
  ] as const)("%j", async (patch, code, message) => {
    const night = scheduled();
    await night.add("0 * * * *", { name: "taken" });
    const added = await night.schedules.add({ ...INPUT, ...patch }, FROM);
    expect(added).toMatchObject({ ok: false, problem: { code } });
    expect(added.ok ? "" : added.problem.message).toContain(message);
  });

  it("a schedule that cannot be read any more is paused, and says why", async () => {
    const night = scheduled({ cron: { read: () => ({ ok: false, message: "No." }) } });
    await night.add("0 * * * *");
    await night.engine.start();
    await night.clock.advance(HOUR_MS + MINUTE_MS);
    expect((await night.schedules.list())[0]?.schedule.paused?.reason).toBe("No.");
    expect(await night.books()).toEqual(["23:00"]);
    await night.engine.stop(0);
  });
});

it("shows what is next and what came of the last slots", async () => {
  const night = scheduled();
  await night.engine.start();
  await night.add("0 * * * *");
  await night.clock.advance(HOUR_MS + MINUTE_MS);
  const shown = await night.schedules.show("look-around");
  if (!shown.ok) throw new Error(shown.problem.message);
  expect(shown.value.next.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual([
    "00:00",
    "01:00",
    "02:00",
    "03:00",
    "04:00",
  ]);
  expect(shown.value.slots).toEqual([{ slot: (await night.slots())[0], task: await night.get(1) }]);
  expect(night.schedules.preview("0 0 30 2 *", "UTC")).toMatchObject({ ok: false });
  expect(night.schedules.preview("0 * * * *", "UTC")).toMatchObject({ value: shown.value.next });
  await night.engine.stop(0);
});
