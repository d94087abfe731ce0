import { expect, test } from "vitest";
import { manualClock } from "../../../src/testing/manual-clock.ts";

test("sleepers wake in the order in which they are due, each at its own time", async () => {
  const clock = manualClock(1000);
  const woken: [string, number, number][] = [];
  const nap = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push([name, clock.now(), clock.monotonicMs()]);
  };
  const naps = [nap("third", 30), nap("first", 10), nap("second", 10), nap("later", 31)];
  await clock.advance(30);
  expect(woken).toEqual([
    ["first", 1010, 10],
    ["second", 1010, 10],
    ["third", 1030, 30],
  ]);
  expect([clock.sleepers(), clock.nextWakeMs()]).toEqual([1, 1]);
  await clock.advance(1);
  await Promise.all(naps);
  expect([clock.sleepers(), clock.nextWakeMs()]).toEqual([0, null]);
});

test("a sleeper that falls asleep again is woken again by the same advance", async () => {
  const clock = manualClock();
  let turns = 0;
  const loop = async (): Promise<void> => {
    while (turns < 5) {
      await clock.sleep(250);
      turns += 1;
    }
  };
  const done = loop();
  await clock.advance(1000);
  expect(turns).toBe(4);
  await clock.advance(250);
  await done;
});

test("a jump moves the wall clock only and wakes nobody", async () => {
  const clock = manualClock(1000);
  const nap = clock.sleep(10);
  clock.jump(-3_600_000);
  clock.jump(7_200_000);
  expect([clock.now(), clock.monotonicMs(), clock.sleepers()]).toEqual([3_601_000, 0, 1]);
  await clock.advance(10);
  await nap;
  expect(clock.now()).toBe(3_601_010);
});

test("an aborted sleep ends at once and leaves no sleeper", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const nap = clock.sleep(1000, stop.signal);
  await clock.untilSleeping();
  stop.abort();
  await nap;
  await clock.sleep(1000, stop.signal);
  await clock.sleep(0);
  await clock.sleep(Number.NaN);
  expect(clock.sleepers()).toBe(0);
});

test("untilSleeping waits for that many sleepers", async () => {
  const clock = manualClock();
  const told: string[] = [];
  const watch = async (count: number): Promise<void> => {
    await clock.untilSleeping(count);
    told.push(`${count} sleep`);
  };
  const watches = [watch(2), watch(1)];
  const first = clock.sleep(1);
  await watches[1];
  expect(told).toEqual(["1 sleep"]);
  const second = clock.sleep(2);
  await watches[0];
  expect(told).toEqual(["1 sleep", "2 sleep"]);
  await clock.advance(2);
  await Promise.all([first, second]);
});
