import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  pausedSchedule,
  removedSchedule,
  resumedSchedule,
} from "../../../src/core/schedule-changes.ts";
import { checkScheduleName, scheduleNameFrom } from "../../../src/core/schedule-name.ts";
import { newSchedule, type Schedule } from "../../../src/core/schedule.ts";
import {
  CATCH_UP_MAX,
  countDue,
  dueFrom,
  type DueSlot,
  hasMoreDue,
  openAfter,
  planDue,
  refusedCause,
  taskOfSlot,
} from "../../../src/core/slots.ts";
import { aSchedule } from "../../contract/store/schedules.ts";

const MINUTE = 60_000;
const every =
  (ms: number) =>
  (after: number): number =>
    (Math.floor(after / ms) + 1) * ms;

function scheduleWith(patch: Partial<Schedule> = {}): Schedule {
  return { ...newSchedule(1, aSchedule()), ...patch };
}

/** What is done about everything due at `at`, with what is open then. */
function plan(schedule: Schedule, openAt: number, at: number, steps = 1000) {
  const next = every(MINUTE);
  const due = countDue(dueFrom(openAt, next), at, next, steps);
  return { slots: planDue(schedule, due, at).map(words), open: openAfter(due, at) };
}

function words({ dueAt, untilAt, count, plan: what }: DueSlot): string {
  const span = count === 1 ? `${dueAt / MINUTE}` : `${dueAt / MINUTE}-${untilAt / MINUTE}×${count}`;
  if (what.type === "queue") return `${span} queue${what.late === null ? "" : " late"}`;
  return `${span} ${what.outcome}`;
}

describe("what is done about due slots", () => {
  it.each([
    ["skip", ["10 queue"]],
    ["last", ["10 queue"]],
    ["all", ["10 queue"]],
  ] as const)("on time, whatever the policy: %s", (catchUp, slots) => {
    expect(plan(scheduleWith({ catchUp }), 10 * MINUTE, 11 * MINUTE - 1)).toEqual({
      slots,
      open: 11 * MINUTE,
    });
  });

  it.each([
    ["skip", ["10-12×3 missed", "13 queue"]],
    ["last", ["10-12×3 missed", "13 queue"]],
    ["all", ["10 queue late", "11 queue late", "12 queue late", "13 queue"]],
  ] as const)("late, with the newest on time: %s", (catchUp, slots) => {
    expect(plan(scheduleWith({ catchUp }), 10 * MINUTE, 13.5 * MINUTE).slots).toEqual(slots);
  });

  it("more than `all` makes up for are missed, as one", () => {
    const { slots, open } = plan(scheduleWith({ catchUp: "all" }), 0, 100 * MINUTE);
    expect([slots[0], slots.length, slots[1], slots.at(-1), open]).toEqual([
      `0-${100 - CATCH_UP_MAX}×${101 - CATCH_UP_MAX} missed`,
      CATCH_UP_MAX + 1,
      `${101 - CATCH_UP_MAX} queue late`,
      "100 queue",
      101 * MINUTE,
    ]);
  });

  it("more than were counted: the newest wait for the next count", () => {
    expect(plan(scheduleWith(), 0, 1000 * MINUTE, 99)).toEqual({
      slots: [`0-${99 - CATCH_UP_MAX}×${100 - CATCH_UP_MAX} missed`],
      open: (100 - CATCH_UP_MAX) * MINUTE,
    });
    expect(plan(scheduleWith(), 0, 1000 * MINUTE, 5)).toEqual({ slots: [], open: 0 });
  });

  it("paused, they are skipped from then on", () => {
    const paused = { at: 12 * MINUTE, by: "ann", reason: "by ann" };
    expect(plan(scheduleWith({ paused }), 10 * MINUTE, 14 * MINUTE).slots).toEqual([
      "10-11×2 missed",
      "12-14×3 skipped",
    ]);
  });

  it("a time that does not go forward ends them", () => {
    const back = (): number => 5;
    expect(dueFrom(10, back).nextAt).toBeNull();
    const none = countDue(
      dueFrom(10, () => null),
      99,
      back,
      9,
    );
    expect([hasMoreDue(none, 99), openAfter(none, 99)]).toEqual([false, null]);
    const more = { older: null, newest: [], nextAt: 5 };
    expect(openAfter(more, 9)).toBeNull();
  });

  it("every due slot is in exactly one row, in order, and the open one follows", () => {
    const numbers = fc.record({
      from: fc.integer({ min: 0, max: 50 }),
      length: fc.integer({ min: 0, max: 120 }),
      steps: fc.integer({ min: 30, max: 200 }),
      catchUp: fc.constantFrom("skip" as const, "last" as const, "all" as const),
      pausedAt: fc.option(fc.integer({ min: 0, max: 170 })),
    });
    fc.assert(
      fc.property(numbers, ({ from, length, steps, catchUp, pausedAt }) => {
        const paused = pausedAt === null ? null : { at: pausedAt * MINUTE, by: "a", reason: "b" };
        const next = every(MINUTE);
        const at = (from + length) * MINUTE + 1;
        const due = countDue(dueFrom(from * MINUTE, next), at, next, steps);
        const rows = planDue(scheduleWith({ catchUp, paused }), due, at);
        const open = openAfter(due, at) ?? 0;
        const told = rows.flatMap(({ dueAt, untilAt, count }) => {
          const all = Array.from({ length: count }, (_, index) => dueAt + index * MINUTE);
          expect(all.at(-1)).toBe(untilAt);
          return all;
        });
        const expected = Array.from({ length: told.length }, (_, index) => (from + index) * MINUTE);
        expect(told).toEqual(expected);
        expect(open).toBe((from + told.length) * MINUTE);
      }),
    );
  });
});

it("a slot's task has its deadline from the slot, and says whose it is", () => {
  const schedule = scheduleWith({ deadlineInMs: 5 });
  const { deadlineAt, source, by, at, dependsOn } = taskOfSlot(schedule, 10, 12);
  expect([deadlineAt, source, by, at, dependsOn]).toEqual([
    15,
    "schedule",
    "schedule nightly",
    12,
    [],
  ]);
  expect(taskOfSlot(scheduleWith(), 10, 12).deadlineAt).toBeNull();
});

it("says why no task could be made", () => {
  expect(refusedCause({ reason: "unknown-project", project: "web" })).toBe(
    "there is no project web any more; add it again, or remove the schedule",
  );
  expect(refusedCause({ reason: "queue-full", source: "schedule", queued: 9, max: 9 })).toBe(
    "all 9 places for tasks from schedule in the queue are taken",
  );
  expect(refusedCause({ reason: "other" })).toBe("its task was refused (other)");
});

it("is changed by a pause, a going on and a removal, each once", () => {
  const pause = { at: 5, by: "ann", reason: "why" };
  const paused = pausedSchedule(scheduleWith(), pause) ?? scheduleWith();
  expect(paused).toEqual(scheduleWith({ version: 2, paused: pause }));
  expect(pausedSchedule(paused, pause)).toBeNull();
  const resumed = resumedSchedule(paused, 9) ?? scheduleWith();
  expect(resumed).toEqual(scheduleWith({ version: 3, judgedFrom: 9 }));
  expect(resumedSchedule(resumed, 9)).toBeNull();
  expect(removedSchedule(resumed, 11)).toEqual({ ...resumed, version: 4, removedAt: 11 });
});

describe("names", () => {
  it.each([
    ["Update the docs", "update-the-docs"],
    ["Update the dependencies of every service", "update-the-dependencies"],
    ["Crème brûlée!", "creme-brulee"],
    ["  -- 1. first", "1-first"],
    ["日本語", "schedule"],
    ["averyveryverylongwordthatgoeson and on", "averyveryverylongwordtha"],
    ["taken", "taken-3"],
  ])("of %j: %s", (text, name) => {
    expect(scheduleNameFrom(text, new Set(["taken", "taken-2"]))).toBe(name);
    expect(checkScheduleName(name)).toEqual({ ok: true, value: name });
  });

  it.each(["", "-a", "A", "a b", "a".repeat(41), "\u001b[2J"])("%j is none", (name) => {
    const checked = checkScheduleName(name);
    expect(checked.ok ? "" : checked.message).toMatch(/ cannot be the name of a schedule; /u);
    expect(JSON.stringify(checked)).not.toContain("\\u001b");
  });
});
