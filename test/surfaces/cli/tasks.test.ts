import { describe, expect, test } from "vitest";
import { setup } from "./setup.ts";

describe("sle think", () => {
  test("queues a thought and says that nothing will run it", async () => {
    await using bench = await setup();
    await bench.type("think", "Explain", "the", "cache");
    await bench.matches("think-thought");
  });

  test("makes the home when there is none", async () => {
    await using bench = await setup();
    bench.world.exists = false;
    await bench.sle("think", "begin");
    expect(bench.world.exists).toBe(true);
  });

  test("queues serious work of a project, behind another task, at a time", async () => {
    await using bench = await setup();
    await bench.daemon();
    await bench.sle("project", "add", "backend", "--path", "backend");
    await bench.type("think", "-p", "backend", "--priority=high", "Fix it");
    await bench.type("add", "--after=1", "--at", "23:30", "--retries=0", "--timeout=30m", "Later");
    await bench.type("show", "2", "--json=task");
    await bench.matches("think-serious");
  });

  test("takes an option only where it stands as one", async () => {
    await using bench = await setup();
    await bench.daemon();
    await bench.type("think", "what does mkdir -p /tmp/x do");
    await bench.type("think", "--", "-p", "is a flag", "--json");
    await bench.matches("think-options");
  });

  test("reads its text from a file or standard input", async () => {
    await using bench = await setup();
    await bench.daemon();
    bench.world.inputs = { "notes.md": "line one\nline two\n", "-": "from a pipe" };
    await bench.type("think", "-f", "notes.md");
    await bench.type("think", "Look at this:", "-f", "-");
    await bench.matches("think-file");
  });

  test("refuses what cannot be a task, each in a sentence", async () => {
    await using bench = await setup();
    bench.world.inputs = {
      latin: new Uint8Array([0x66, 0xfc, 0x72]),
      large: new Uint8Array(2_000_000).fill(0x61),
      "300k": "a".repeat(300_000),
    };
    await bench.type("think");
    await bench.type("think", "  ");
    await bench.type("think", "-f", "latin");
    await bench.type("think", "-f", "large");
    await bench.type("think", "-f", "300k");
    await bench.type("think", "-f", "missing");
    await bench.type("think", "-p", "nowhere", "x");
    await bench.type("think", "--after", "99", "x");
    await bench.type("think", "--after", "one", "x");
    await bench.type("think", "--at", "2020-01-01", "x");
    await bench.type("think", "--at", "soon", "x");
    await bench.type("think", "--timeout", "long", "x");
    await bench.type("think", "--retries", "-1", "x");
    await bench.type("think", "--priority", "urgent", "x", "--json");
    expect(await bench.sle("ls", "--json")).toEqual({ exit: 0, out: "[]\n", err: "" });
    await bench.matches("think-refused");
  });

  test("shows nothing that a terminal would obey", async () => {
    await using bench = await setup();
    await bench.daemon();
    await bench.type("think", "red \u001b[31malert\u001b[0m\u0007 \u202eevil");
    await bench.matches("think-escapes");
  });

  test("shows with --dry-run what it would queue, and queues nothing", async () => {
    await using bench = await setup();
    await bench.type("think", "--dry-run", "-p", "web", "x");
    await bench.type("think", "--dry-run", "--json", "x");
    expect(await bench.told("ls")).toBe("No tasks.\n");
    await bench.matches("think-dry-run");
  });

  test("prints only the number when quiet", async () => {
    await using bench = await setup();
    expect(await bench.told("-q", "think", "x")).toBe("1\n");
  });

  test.for([
    [{ type: "succeeded", summary: "done" }, 0, "Task #1 succeeded just now, unverified\n"],
    [
      { type: "failed", failure: "config", message: "no model", retryAt: null },
      10,
      "Task #1 failed just now, config: no model\n",
    ],
    [
      { type: "asked", question: { text: "Which one?", defaultAnswer: null, deadlineAt: null } },
      10,
      'Task #1 waits for you: Which one? (`sle answer 1 "…"`)\n',
    ],
  ] as const)("waits for the end with --wait: %o ends with %i", async ([outcome, exit, out]) => {
    await using bench = await setup();
    await bench.daemon();
    const ended = bench.sle("think", "--wait", "--retries=0", "x");
    await bench.clock.untilSleeping();
    await bench.start(1);
    await bench.end(1, outcome);
    await bench.clock.advance(250);
    expect(await ended).toEqual({ exit, out, err: "Task #1 is queued; waiting for its end.\n" });
  });

  test("says at once when nothing will end a wait", async () => {
    await using bench = await setup();
    const ended = bench.sle("think", "--wait", "x");
    await bench.clock.untilSleeping();
    expect(bench.world.err).toContain("No daemon is running;");
    bench.world.interrupt.abort();
    expect(await ended).toMatchObject({ exit: 130 });
  });

  test("ends a wait with 11 for a task that took too long, with 130 when broken off", async () => {
    await using bench = await setup();
    const ended = bench.sle("think", "--wait", "--retries=0", "x");
    await bench.clock.untilSleeping();
    await bench.start(1);
    await bench.end(1, { type: "failed", failure: "timeout", message: "over 1h", retryAt: null });
    await bench.clock.advance(250);
    expect(await ended).toMatchObject({ exit: 11 });
    const brokenOff = bench.sle("think", "--wait", "y");
    await bench.clock.untilSleeping();
    bench.world.interrupt.abort();
    expect(await brokenOff).toMatchObject({ exit: 130 });
  });
});

describe("changes to tasks", () => {
  test("cancel takes a queued task out and asks a running one to end", async () => {
    await using bench = await setup();
    await bench.sle("think", "one");
    await bench.sle("think", "two");
    await bench.start(2);
    await bench.type("cancel", "1,2", "#3", "--reason", "not now");
    await bench.type("cancel", "1");
    await bench.type("cancel", "x");
    await bench.type("cancel", "2", "7", "--json=id,state");
    await bench.matches("cancel");
  });

  test("trash lists, restores, takes in and empties", async () => {
    await using bench = await setup();
    await bench.sle("think", "one");
    await bench.sle("think", "two");
    await bench.sle("cancel", "1");
    await bench.start(2);
    await bench.end(2, { type: "succeeded", summary: "done" });
    await bench.type("trash", "add", "2");
    await bench.clock.advance(60_000);
    await bench.type("trash");
    await bench.type("trash", "restore", "1", "2", "9");
    await bench.type("trash", "list");
    await bench.type("trash", "restore", "1");
    await bench.sle("cancel", "1");
    await bench.clock.advance(60_000);
    await bench.type("trash", "empty");
    await bench.type("trash", "empty", "--older-than", "2h", "--yes");
    await bench.type("clean", "--yes");
    await bench.type("show", "1");
    await bench.matches("trash");
  });

  test("trash empty asks the person at the terminal", async () => {
    await using bench = await setup();
    await bench.sle("think", "one");
    await bench.sle("cancel", "1");
    await bench.clock.advance(1);
    bench.world.answers = ["n", "yes"];
    await bench.type("trash", "empty");
    await bench.type("trash", "empty");
    await bench.matches("trash-empty-asks");
  });

  test("retry, dead and say", async () => {
    await using bench = await setup();
    await bench.sle("think", "one", "--retries", "0");
    await bench.start(1);
    await bench.type("say", "1", "use", "tabs");
    await bench.type("retry", "1");
    await bench.end(1, {
      type: "failed",
      failure: "config",
      message: "no such model",
      retryAt: null,
    });
    await bench.clock.advance(90_000);
    await bench.type("dead");
    await bench.type("say", "1", "hello");
    await bench.type("retry", "1", "-m", "try haiku");
    await bench.type("dead");
    await bench.start(1);
    await bench.end(1, { type: "failed", failure: "policy", message: "refused", retryAt: null });
    await bench.sle("project", "add", "backend", "--path", "backend");
    for (const [id, failure] of [
      [2, "timeout"],
      [3, "policy"],
    ] as const) {
      await bench.sle("think", "-p", "backend", "--retries=0", `number ${id}`);
      await bench.start(id);
      await bench.end(id, { type: "failed", failure, message: "No.", retryAt: null });
    }
    await bench.type("dead");
    await bench.type("dead", "--reason", "policy", "-p", "backend");
    await bench.type("dead", "--reason", "bad luck");
    await bench.type("dead", "--reason", "policy", "--retry-all");
    await bench.type("dead", "--retry-all");
    await bench.matches("retry-dead-say");
  });

  test("answer gives a waiting task what it asked for", async () => {
    await using bench = await setup();
    await bench.sle("think", "one");
    await bench.start(1);
    const question = { text: "Which branch?", defaultAnswer: null, deadlineAt: null };
    await bench.end(1, { type: "asked", question });
    await bench.type("why", "1");
    await bench.type("say", "1", "main");
    await bench.type("answer", "1", " ");
    await bench.type("answer", "1", "the", "main", "one");
    await bench.type("answer", "1", "again");
    expect((await bench.store.tasks.get(1))?.notes).toEqual(["the main one"]);
    await bench.matches("answer");
  });

  test("edit and prioritize change queued tasks only", async () => {
    await using bench = await setup();
    await bench.sle("think", "one");
    await bench.type("edit", "1");
    await bench.type("edit", "1", "--priority", "urgent");
    await bench.type("edit", "1", "--priority", "low", "--at", "+1h");
    await bench.type("edit", "1", "--at", "now", "--json=priority,notBefore");
    await bench.type("prioritize", "1");
    await bench.start(1);
    await bench.type("prioritize", "1");
    await bench.matches("edit");
  });
});

test("a budget is given to a task, raised, and told", async () => {
  await using bench = await setup();
  await bench.daemon();
  for (const wrong of ["0usd", "-2usd", "2", "2usd, 3usd"]) {
    await bench.type("think", "--budget", wrong, "x");
  }
  await bench.type("think", "--budget", "2usd, 300k tokens", "Explain the cache");
  await bench.start(1);
  const tokens = { input: 1000, output: 500, cacheRead: 40_000, cacheWrite: 0 };
  const spent = { at: bench.clock.now(), taskId: 1, attempt: 1, provider: "claude", model: "opus" };
  await bench.store.usage.add({ ...spent, tokens, usd: 2.25 });
  await bench.end(1, { type: "interrupted", reason: "shutdown" });
  await bench.type("show", "1");
  await bench.type("why", "1");
  await bench.type("retry", "1");
  await bench.type("retry", "1", "--budget", "nothing");
  await bench.type("retry", "1", "--budget", "4usd");
  await bench.type("show", "1");
  await bench.matches("budget");
});

test("what a task touches is named by its text or by the person, and told", async () => {
  await using bench = await setup();
  await bench.daemon();
  await bench.sle("project", "add", "backend", "--path", "backend", "--parallel", "5");
  await bench.type("think", "-p", "backend", "Fix src/api/users.ts and `docs/api.md`");
  await bench.type("show", "1");
  await bench.sle("think", "-p", "backend", "--touches", "src/api/", "--touches", "lib", "Tidy");
  await bench.sle("think", "-p", "backend", "--touches", "none", "Explain src/api/users.ts");
  await bench.start(1);
  await bench.type("why", "2");
  await bench.type("why", "3");
  await bench.sle("think", "-p", "backend", "Mend lib/tidy.ts");
  await bench.type("why", "4");
  await bench.type("think", "-p", "backend", "--touches", "/etc", "x");
  await bench.type("think", "--touches", "src", "x");
  await bench.matches("touches");
});
