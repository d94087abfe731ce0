import { expect, test } from "vitest";
import { SCHEDULER } from "../../../src/core/schedule.ts";
import { settleDue } from "../../../src/engine/settle-due.ts";
import { type Bench, setup } from "./setup.ts";

const HOUR_MS = 3_600_000;

/** Lets the slot that is open be settled as a daemon would, `ms` from now. */
async function due(bench: Bench, name: string, ms: number): Promise<void> {
  await bench.clock.advance(ms);
  const found = await bench.store.schedules.get(name);
  if (found === null) throw new Error(`no schedule ${name}`);
  await settleDue(bench.store, found, {
    at: bench.clock.now(),
    next: (after) => after + HOUR_MS,
  });
}

test("what comes again is added, listed, shown, paused, resumed and removed", async () => {
  await using bench = await setup();
  await bench.daemon();
  await bench.type("schedule");
  await bench.sle("project", "add", "backend", "--path", "backend");
  const serious = ["-p", "backend", "--priority", "low", "--deadline-in", "6h", "Update it all"];
  await bench.type(
    "schedule",
    "add",
    "0 2 * * 1-5",
    "--tz",
    "UTC",
    "--name",
    "nightly",
    ...serious,
  );
  await bench.type("schedule", "add", "0 * * * *", "Look around, and say what is new");
  await bench.type("schedule", "ls");
  await due(bench, "look-around-and-say", HOUR_MS);
  await bench.type("schedule", "show", "look-around-and-say");
  await bench.type("ls");
  await bench.type("show", "1");
  await due(bench, "look-around-and-say", 3.5 * HOUR_MS);
  await bench.type("schedule", "pause", "nightly", "--reason", "holidays");
  await bench.type("schedule", "pause", "nightly");
  await bench.type("schedule", "ls");
  await bench.type("schedule", "show", "nightly");
  await bench.type("schedule", "resume", "nightly");
  await bench.type("schedule", "rm", "nightly");
  await bench.type("schedule", "show", "look-around-and-say");
  await bench.matches("schedule");
});

test("times that do not come, zones that are none and odd policies are refused in a sentence", async () => {
  await using bench = await setup();
  await bench.type("schedule", "add", "0 0 30 2 *", "x");
  await bench.type("schedule", "add", "0 2 * *", "x");
  await bench.type("schedule", "add", "0 2 * * *", "--tz", "Mars/Phobos", "x");
  await bench.type("schedule", "add", "0 2 * * *", "--catch-up", "some", "x");
  await bench.type("schedule", "add", "0 2 * * *", "--catch-up", "all", "--overlap", "skip", "x");
  await bench.type("schedule", "add", "0 2 * * *", "--deadline-in", "soon", "x");
  await bench.type("schedule", "add", "0 2 * * *", "--name", "My Name", "x");
  await bench.type("schedule", "add", "0 2 * * *", "-p", "nowhere", "x");
  await bench.type("schedule", "add", "0 2 * * *");
  await bench.type("schedule", "add", "0 2 * * *", "--at", "22:00", "x");
  await bench.type("schedule", "show", "none");
  await bench.type("schedule", "rm", "none");
  await bench.type("schedule", "preview", "0 0 30 2 *");
  await bench.matches("schedule-refused");
});

test("without a daemon it is promised all the same; in JSON and quietly it is for programs", async () => {
  await using bench = await setup();
  bench.world.settings = {
    ok: true,
    values: [{ key: "hours.time_zone", value: "America/New_York", origin: "config.yaml:1" }],
  };
  await bench.type("schedule", "add", "30 7 * * *", "--catch-up", "all", "Read the news");
  await bench.type("schedule", "add", "@daily", "--quiet", "Read the news");
  await bench.type("schedule", "preview", "0 9 * * fri#2");
  await bench.type("schedule", "ls", "--json");
  await bench.type("schedule", "rm", "read-the-news-2", "--json=name,removedAt");
  await bench.type("schedule", "add", "--help");
  await bench.matches("schedule-json");
  bench.world.settings = { ok: false, problems: ["config.yaml:2: no"] };
  expect((await bench.sle("schedule", "add", "@daily", "x")).exit).toBe(2);
  expect((await bench.sle("schedule", "add", "@daily", "--tz", "UTC", "x")).exit).toBe(0);
  bench.world.exists = false;
  expect((await bench.sle("schedule", "ls")).exit).toBe(0);
  for (const word of ["show", "pause", "resume", "rm", "preview"]) {
    expect((await bench.sle("schedule", word, "@daily")).exit).toBe(word === "preview" ? 2 : 6);
  }
});

test("its tasks have the budget and the files that were asked for", async () => {
  await using bench = await setup();
  await bench.sle("project", "add", "backend", "--path", "backend");
  const asked = ["-p", "backend", "--budget", "2usd", "--touches", "src/api", "Fix it"];
  expect((await bench.sle("schedule", "add", "@daily", ...asked)).exit).toBe(0);
  const [added] = await bench.store.schedules.list();
  expect(added?.schedule.task).toMatchObject({
    budget: { usd: 2, tokens: null },
    touches: ["src/api"],
  });
});

test("one that was paused without a person needs you, wherever one looks", async () => {
  await using bench = await setup();
  await bench.daemon();
  await bench.sle("project", "add", "backend", "--path", "backend");
  await bench.sle("schedule", "add", "0 2 * * *", "--name", "nightly", "-p", "backend", "Fix it");
  const reason = "the last 3 tasks (#9, #5, #2) fail the same check, test";
  const pause = { at: bench.clock.now(), by: SCHEDULER, reason };
  await bench.store.schedules.pause("nightly", pause);
  await bench.type("check");
  await bench.type("schedule");
  await bench.type("report");
  await bench.type("report", "backend");
  await bench.type("schedule", "resume", "nightly");
  await bench.type("check");
  await bench.matches("schedule-stuck");
});
