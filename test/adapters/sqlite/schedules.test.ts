import { once } from "node:events";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openCron } from "../../../src/adapters/cron/cron.ts";
import { balance } from "../../../src/core/audit/audit.ts";
import type { CatchUp, Overlap, Slot } from "../../../src/core/schedule.ts";
import { ORDER_DEFAULT } from "../../../src/core/order.ts";
import { makeScheduler } from "../../../src/engine/scheduler.ts";
import { openSchedules } from "../../../src/engine/schedules.ts";
import type { Store } from "../../../src/ports/store.ts";
import { manualClock } from "../../../src/testing/manual-clock.ts";
import { memoryArtifacts } from "../../../src/testing/memory-artifacts.ts";
import { silentLog } from "../../../src/testing/silent-log.ts";
import { conclusion, NOW, request } from "../../contract/store/contract.ts";
import { aSchedule } from "../../contract/store/schedules.ts";
import { child, place } from "./support.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

async function slotsOf(store: Store): Promise<readonly Slot[]> {
  return (await store.schedules.slots(1, 1_000_000)).toReversed();
}

/** Each time of the schedule stands in one row; answers how many rows made a task. */
async function expectBalance(store: Store, times: Iterator<number>): Promise<number> {
  const slots = await slotsOf(store);
  for (const { dueAt, untilAt, count } of slots) {
    const stands = Array.from({ length: count }, () => times.next().value as number);
    expect([dueAt, untilAt]).toEqual([stands[0], stands.at(-1)]);
  }
  expect(slots.slice(0, -1).every(({ outcome }) => outcome !== null)).toBe(true);
  expect(slots.at(-1)?.outcome).toBeNull();
  const frame = { at: 0, daemonLives: true };
  const { imbalances, kinds } = balance(await store.audit.books(), frame);
  expect(imbalances).toEqual([]);
  const promised = slots.reduce((sum, { count }) => sum + count, 0);
  expect(kinds.slots).toEqual({
    promises: promised,
    outcomes: promised - 1,
    open: 1,
    imbalance: 0,
  });
  const made = slots.flatMap(({ taskId }) => taskId ?? []);
  expect(new Set(made).size).toBe(made.length);
  const tasks = Object.values(await store.tasks.counts()).reduce((sum, each) => sum + each, 0);
  expect(tasks).toBe(made.length);
  return made.length;
}

function* every(ms: number, from: number): Generator<number> {
  for (let at = from; ; at += ms) yield at;
}

test("kill -9 between a slot and its task, of two that settle at once, loses and doubles nothing", async () => {
  await using at = await place();
  const first = NOW + MINUTE_MS;
  {
    await using store = await at.open();
    await store.schedules.add(aSchedule({ name: "minutely", overlap: "queue" }), first);
  }
  const told = new Map<number, number>();
  for (let kill = 0; kill < 6; kill += 1) {
    const others = [child("schedules", at.path), child("schedules", at.path)];
    const ended = others.map((other) => once(other.process, "exit"));
    for (let lines = 0; lines < 15 + kill * 5; lines += 1) {
      const line = await Promise.race(others.map((other) => other.line()).map(swallow));
      const [, dueAt, taskId] = line.split(" ").map(Number);
      if (dueAt !== undefined) told.set(dueAt, taskId ?? 0);
    }
    for (const other of others) other.process.kill("SIGKILL");
    await Promise.all(ended);
  }
  await using store = await at.open();
  expect(await store.care.check()).toEqual([]);
  const made = await expectBalance(store, every(MINUTE_MS, first));
  expect(made).toBeGreaterThanOrEqual(told.size);
  const kept = new Map((await slotsOf(store)).map(({ dueAt, taskId }) => [dueAt, taskId]));
  for (const [dueAt, taskId] of told) expect(kept.get(dueAt)).toBe(taskId);
});

/** Of those that lose the race, the kill is the end. */
function swallow(line: Promise<string>): Promise<string> {
  line.catch(() => {});
  return line;
}

/** What happens in a night. */
type Step =
  | { readonly do: "pass"; readonly ms: number; readonly daemons: number }
  | { readonly do: "jump"; readonly ms: number }
  | { readonly do: "work" }
  | { readonly do: "pause" }
  | { readonly do: "resume" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("pass" as const),
    ms: fc.integer({ min: 0, max: 40 * MINUTE_MS }),
    daemons: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({
    do: fc.constant("jump" as const),
    ms: fc.integer({ min: -3 * HOUR_MS, max: 30 * HOUR_MS }),
  }),
  fc.constantFrom<Step>({ do: "work" }, { do: "pause" }, { do: "resume" }),
);

const story = fc.record({
  cron: fc.constantFrom("*/10 * * * *", "5,35 * * * *", "0 2 * * *", "30 0-4 * * *"),
  // Before the clocks go forward, before they go back, and with nothing of it.
  from: fc.constantFrom("2027-03-27T22:00Z", "2027-10-30T22:00Z", "2027-01-15T22:00Z"),
  policy: fc.constantFrom<readonly [CatchUp, Overlap]>(
    ["skip", "skip"],
    ["last", "skip"],
    ["last", "queue"],
    ["all", "queue"],
  ),
  steps: fc.array(step, { minLength: 3, maxLength: 12 }),
});

test("whatever sleeps, jumps and ends, each slot has one outcome and the books balance", async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ cron, from, policy: [catchUp, overlap], steps }) => {
      await using at = await place();
      await using store = await at.open();
      const clock = manualClock(Date.parse(from));
      const parts = { store, clock, cron: openCron(), attemptsMaxDefault: 1 };
      const schedules = openSchedules(parts);
      const input = { cron, timeZone: "Europe/Berlin", name: "night", catchUp, overlap };
      const added = await schedules.add(
        { ...input, deadlineInMs: null, task: { text: "Look around" } },
        { by: "ann", source: "cli" },
      );
      const read = parts.cron.read(cron, "Europe/Berlin");
      if (!added.ok || !read.ok) throw new Error("it is sound");
      const next = read.value;
      function* times(): Generator<number> {
        for (let time = next(Date.parse(from)); time !== null; time = next(time)) yield time;
      }
      for (const each of [...steps, { do: "pass", ms: MINUTE_MS, daemons: 1 } as const]) {
        await play(each);
      }
      await expectBalance(store, times());

      async function play(each: Step): Promise<void> {
        switch (each.do) {
          case "pass":
            return pass(each.ms, each.daemons);
          case "jump":
            return clock.jump(each.ms);
          case "work":
            return workAll(store, clock.now());
          case "pause":
            return void (await schedules.pause("night", "ann", null));
          case "resume":
            return void (await schedules.resume("night", "ann"));
        }
      }
      async function pass(ms: number, daemons: number): Promise<void> {
        const loops = Array.from({ length: daemons }, () =>
          makeScheduler({
            ...parts,
            log: silentLog(),
            artifacts: memoryArtifacts(),
            schedulePauseAfter: 3,
            rules: { order: ORDER_DEFAULT },
          }),
        );
        for (const loop of loops) await loop.start();
        await clock.advance(ms);
        const stopped = Promise.all(loops.map((loop) => loop.stop()));
        await clock.advance(1);
        await stopped;
      }
    }),
    { numRuns: 40 },
  );
});

/** Lets every queued task succeed. */
async function workAll(store: Store, at: number): Promise<void> {
  const queued = await store.tasks.list({ states: ["queued"] }, { before: null, limit: 100 });
  for (const { id } of queued) {
    await store.tasks.admit(request(id, { at }));
    await store.tasks.change(id, conclusion(`lease-${id}`, undefined, at));
  }
}
