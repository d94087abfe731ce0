import { describe, expect, test } from "vitest";
import { type Bench, setup } from "./setup.ts";

const HOUR = 3_600_000;

/** Three thoughts are queued, one of them for a night; the window of five hours is used to a tenth. */
async function evening(used = 0.1): Promise<Bench> {
  const bench = await setup();
  await bench.daemon();
  await bench.sle("think", "What is a monad?");
  await bench.sle("think", "--night", "Draw a map");
  await bench.sle("think", "Choose a colour");
  const window = { provider: "claude", window: "five_hour", status: "open" } as const;
  const at = bench.clock.now();
  const seen = {
    ...window,
    used,
    resetsAt: at + 4 * HOUR,
    observedAt: at,
    source: "observed",
  } as const;
  await bench.store.usage.observe([seen]);
  return bench;
}

describe("sle plan", () => {
  test("shows what will start when, and what will not and why", async () => {
    await using bench = await evening();
    const told = await bench.sle("plan");
    expect(told.out).toMatch(/^Until /u);
    expect(told.out).toMatch(/TASK +STARTS +ENDS +IN TIME +WHAT/u);
    expect(told.out).toMatch(/^#1 .*What is a monad\?$/mu);
    expect(told.exit).toBe(0);
    await using full = await evening(0.85);
    const late = await full.sle("plan", "--until", "+1h");
    expect(late.out).toMatch(
      /Not before then\n {2}#1 \[thought\] What is a monad\?\n {4}The five_hour window of claude is used to 85 %, the night threshold is 80 %/u,
    );
  });

  test("shows what schedules will make, by their names", async () => {
    await using bench = await evening();
    await bench.sle("schedule", "add", "0 2 * * *", "Look for dead code", "--name", "dead");
    await bench.sle("schedule", "add", "0 2 1 1 *", "Once a year", "--name", "yearly");
    await bench.sle("schedule", "add", "0 3 * * *", "Never", "--name", "never");
    await bench.sle("schedule", "pause", "never");
    const told = await bench.sle("plan");
    expect(told.out).toMatch(/^dead +.*02:00.*Look for dead code$/mu);
    expect(told.out).not.toMatch(/Once a year|Never|and \d+ task/u);
  });

  test("is one answer for a program", async () => {
    await using bench = await evening();
    const { out } = await bench.sle("plan", "--json");
    const plan = JSON.parse(out) as { tasks: { task: { id: number }; outlook: object }[] };
    expect(plan.tasks.map(({ task }) => task.id).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(plan).toMatchObject({ more: 0, daemon: { status: "running" } });
  });

  test("says that nothing starts where no daemon is", async () => {
    await using bench = await setup();
    expect((await bench.sle("plan")).out).toContain("nothing");
    await bench.sle("think", "What is a monad?");
    expect((await bench.sle("plan")).out).toContain("No daemon has run here yet");
    const whatIf = await bench.sle("what-if", "--hold-back", "off");
    expect(whatIf.out).toBe(
      "No daemon has run here yet, so nothing starts; start one with `sle daemon start`.\n",
    );
  });

  test("refuses an end that is no time", async () => {
    await using bench = await evening();
    const told = await bench.sle("plan", "--until", "soon");
    expect([told.exit, told.err]).toEqual([2, expect.stringContaining("--until")]);
    const past = await bench.sle("plan", "--until", "2020-01-01 07:00");
    expect([past.exit, past.err]).toEqual([2, expect.stringContaining("has passed")]);
  });
});

describe("sle what-if", () => {
  test("shows what other settings would make of the night, and changes nothing", async () => {
    await using bench = await evening(0.85);
    const told = await bench.sle("what-if", "--threshold-night", "95%", "--until", "+1h");
    expect(told.out).toMatch(/^0 tasks start until .*; with this 3 tasks would\.$/mu);
    expect(told.out).toMatch(/^#1 +not before +\S.*What is a monad\?$/mu);
    expect(told.out).toContain("Nothing was changed");
    const same = await bench.sle("what-if", "--parallel", "2", "--until", "+1h");
    expect(same.out).toContain("Nothing would start at another time.");
    expect((await bench.sle("plan", "--until", "+1h")).out).toContain("Not before then");
  });

  test.for([
    [["--threshold-night", "120%"], "--threshold-night takes a share"],
    [["--threshold-week", "much"], "--threshold-week takes a share"],
    [["--hold-back", "much"], "--hold-back takes careful, typical, off"],
    [["--parallel", "many"], "--parallel takes a whole number"],
    [["--parallel", "0"], "--parallel takes at least 1"],
    [["--until", "soon", "--hold-back", "off"], "--until"],
    [[], "Say what is to be other"],
  ] as const)("refuses %s", async ([words, message]) => {
    await using bench = await evening();
    const told = await bench.sle("what-if", ...words);
    expect([told.exit, told.err]).toEqual([2, expect.stringContaining(message)]);
  });
});

test("sle usage shows what is expected of the person, and when in the week", async () => {
  await using bench = await evening(0);
  const { clock, store } = bench;
  const from = clock.now();
  for (let hour = 0; hour < 4; hour += 1) {
    const at = from + hour * HOUR;
    await store.usage.observe([
      {
        provider: "claude",
        window: "five_hour",
        used: hour * 0.05,
        resetsAt: from + 4 * HOUR,
        status: "open",
        source: "observed",
        observedAt: at,
      },
    ]);
  }
  const told = await bench.sle("usage");
  expect(told.out).toContain("When you use it: claude five_hour, learned from");
  expect(told.out).toMatch(/^mon [·▁▂▃▄▅▆▇█]{24} \d+%$/mu);
});
