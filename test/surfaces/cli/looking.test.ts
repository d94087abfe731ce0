import { describe, expect, test } from "vitest";
import { type Bench, setup } from "./setup.ts";

/** A small night: something of every state. */
async function night(): Promise<Bench> {
  const bench = await setup();
  const { clock, store } = bench;
  await bench.daemon();
  await bench.sle("project", "add", "backend", "--path", "backend");
  await bench.sle("think", "-p", "backend", "Make the tests pass");
  await bench.sle("think", "What is a monad?");
  await bench.sle("think", "--retries=0", "Draw a map\nwith every road");
  await bench.sle("think", "Choose a colour");
  await bench.sle(
    "think",
    "Explain the cache to a newcomer who knows neither hashing nor eviction nor anything else",
  );
  await bench.sle("think", "--after=5", "Then translate it");
  const first = await bench.start(1, { workspace: "/tasks/1", results: "results/1-1" });
  await clock.advance(60_000);
  await store.attempts.step(1, first.leaseId, {
    name: "keep-results",
    startedAt: clock.now(),
    endedAt: clock.now(),
    ok: true,
    detail: "2 files changed, +3 -1",
  });
  await bench.end(1, { type: "succeeded", summary: "All tests pass now." });
  await bench.start(3);
  await clock.advance(30_000);
  await bench.end(3, {
    type: "failed",
    failure: "config",
    message: "There is no model \u001b[31mx\u001b[0m.",
    retryAt: null,
  });
  await bench.start(4);
  const question = { text: "Blue or green?", defaultAnswer: null, deadlineAt: null };
  await bench.end(4, { type: "asked", question });
  const second = await bench.start(2);
  await store.usage.add({
    at: clock.now(),
    taskId: 2,
    attempt: 1,
    provider: "claude",
    model: "opus",
    tokens: { input: 1200, output: 340, cacheRead: 118_000, cacheWrite: 900 },
    usd: 0.42,
  });
  await store.attempts.update(2, second.leaseId, {
    progress: { activity: "Reading src/monad.ts", turns: 4, at: clock.now() },
  });
  await store.usage.observe([
    {
      provider: "claude",
      window: "five_hour",
      used: 0.12,
      resetsAt: clock.now() + 3_600_000,
      status: "open",
      source: "observed",
      observedAt: clock.now(),
    },
    {
      provider: "claude",
      window: "seven_day",
      used: null,
      resetsAt: null,
      status: "open",
      source: "estimated",
      observedAt: clock.now() - 120_000,
    },
  ]);
  await clock.advance(5000);
  await bench.daemon();
  return bench;
}

describe("sle check", () => {
  test("shows how everything stands", async () => {
    await using bench = await night();
    await bench.type("check");
    expect((await bench.sle()).out).toBe((await bench.sle("status")).out);
    await bench.matches("check");
  });

  test("fits the terminal and uses colours there", async () => {
    await using bench = await night();
    bench.world.outIsTerminal = true;
    const coloured = await bench.sle("check");
    expect(coloured.out).toContain("\u001b[32mrunning\u001b[39m on night");
    bench.world.env = { NO_COLOR: "1" };
    await bench.type("check");
    bench.world.env = { FORCE_COLOR: "" };
    expect((await bench.sle("check", "--no-color")).out).not.toContain("\u001b");
    bench.world.outIsTerminal = false;
    bench.world.env = { FORCE_COLOR: "1" };
    expect((await bench.sle("check")).out).toContain("\u001b[32mrunning\u001b[39m on night");
    bench.world.env = {};
    expect((await bench.sle("check")).out).not.toContain("\u001b");
    await bench.matches("check-terminal");
  });

  test("tells a silent daemon from a dead one and from none", async () => {
    await using bench = await setup();
    await bench.type("check");
    await bench.daemon();
    await bench.clock.advance(46_000);
    await bench.type("check");
    const { record } =
      (await bench.store.shared.daemons()).map((each) => ({ record: each }))[0] ?? {};
    if (record === undefined) throw new Error("no daemon");
    await bench.store.shared.putDaemon({ ...record, stoppedAt: bench.clock.now() });
    await bench.clock.advance(10_000);
    await bench.type("daemon", "status");
    await bench.matches("check-daemon");
  });

  test("names a dead daemon until another has taken over", async () => {
    await using bench = await setup();
    await bench.daemon();
    const [record] = await bench.store.shared.daemons();
    if (record === undefined) throw new Error("no daemon");
    const dead = { ...record, owner: "night:7", process: { ...record.process, pid: 7 } };
    await bench.store.shared.putDaemon(dead);
    bench.machine.killOthers();
    await bench.clock.advance(59_000);
    await bench.daemon();
    await bench.type("check");
    await bench.clock.advance(2000);
    await bench.daemon();
    await bench.type("check");
    await bench.type("daemon", "status");
    await bench.matches("check-dead-daemon");
  });

  test("has the whole overview as JSON", async () => {
    await using bench = await setup();
    await bench.type("check", "--json");
    await bench.type("check", "--json=counts,nonsense");
    await bench.matches("check-json");
  });
});

describe("sle ls, show and why", () => {
  test("ls lists newest first, by state, project and number", async () => {
    await using bench = await night();
    await bench.type("ls");
    await bench.type("ls", "-p", "backend");
    await bench.type("list", "--state=failed,waiting", "--state", "running", "--json=id,state");
    await bench.type("ls", "--limit=1");
    await bench.type("ls", "--state", "done");
    await bench.matches("ls");
  });

  test("show tells all of a task", async () => {
    await using bench = await night();
    bench.world.files["results/1-1/final.md"] = "All tests pass now.\n\nI changed two files.\n";
    await bench.type("show", "1");
    await bench.type("show", "2");
    await bench.type("show", "3");
    await bench.type("show", "4");
    await bench.type("show", "6");
    await bench.type("show", "77");
    await bench.type("show", "77", "--json");
    await bench.matches("show");
  });

  test("show names what an agent was refused, however often it tried", async () => {
    await using bench = await night();
    const at = bench.clock.now();
    const refuse = (detail: string) =>
      bench.store.events.append({
        type: "attempt.denied",
        at,
        taskId: 1,
        attempt: 1,
        data: { tool: "network", detail },
      });
    await refuse("example.org:443: not allowed");
    await refuse("example.org:443: not allowed");
    for (let port = 1; port <= 11; port += 1) await refuse(`example.org:${port}: \u001b[1mno`);
    await bench.type("show", "1");
    await bench.type("show", "1", "--json=denied");
    await bench.matches("show-denied");
  });

  test("why names the reasons", async () => {
    await using bench = await night();
    await bench.type("why", "1");
    await bench.type("why", "6");
    await bench.sle("pause", "--for", "2h");
    await bench.type("why", "5");
    await bench.type("why", "5", "--json=sentence,holds,nextCheckAt");
    await bench.type("why", "1,2");
    await bench.matches("why");
  });
});

describe("sle usage and report", () => {
  test("usage shows windows with their age and what was spent", async () => {
    await using bench = await night();
    await bench.type("usage");
    await bench.clock.advance(4_000_000);
    await bench.type("metrics", "--since", "1m", "--json=totals");
    await bench.type("usage", "--since", "23:00");
    await bench.matches("usage");
  });

  test("usage says that it knows nothing", async () => {
    await using bench = await setup();
    await bench.type("usage");
    await bench.matches("usage-unknown");
  });

  test("report writes a day, a task, a project and a list", async () => {
    await using bench = await night();
    bench.world.files["results/1-1/final.md"] = "All tests pass now.\n";
    await bench.sle("think", "cancel me");
    await bench.sle("cancel", "7");
    await bench.type("report");
    await bench.type("report", "2027-01-14");
    await bench.type("report", "1");
    await bench.type("report", "backend");
    await bench.type("report", "--list");
    await bench.type("report", "--list", "--json");
    await bench.type("report", "../../etc/passwd");
    await bench.type("report", "99");
    await bench.type("report", "--json=totals,cut");
    await bench.matches("report");
  });
});

describe("a home where nothing happened yet", () => {
  test("reading commands say how to begin", async () => {
    await using bench = await setup();
    bench.world.exists = false;
    await bench.type();
    await bench.type("ls", "--json");
    await bench.type("show", "1");
    await bench.type("cancel", "1");
    await bench.type("daemon", "status");
    await bench.matches("nothing-yet");
  });
});
