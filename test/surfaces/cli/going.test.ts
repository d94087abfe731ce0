import { describe, expect, test } from "vitest";
import { type Bench, setup } from "./setup.ts";

const TRANSCRIPT = [
  { type: "system", subtype: "init", session_id: "session-1", model: "opus" },
  { type: "stream_event", event: { type: "message_start" } },
  {
    type: "assistant",
    message: {
      content: [
        { type: "thinking", thinking: "The test is flaky." },
        { type: "text", text: "I will run the tests.\nThen I fix them. \u001b[2J" },
        { type: "tool_use", name: "Bash", input: { command: "npm test\n# twice", timeout: 5 } },
      ],
    },
  },
  {
    type: "user",
    message: {
      content: [
        { type: "tool_result", content: "1\n2\n3\n4\n5\n6\n7\n" },
        { type: "tool_result", is_error: true, content: [{ type: "text", text: "no such file" }] },
      ],
    },
  },
  { type: "user", message: { content: "use tabs" } },
  { type: "brand_new", data: 1 },
  { type: "result", subtype: "success", num_turns: 3, total_cost_usd: 0.25 },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join("");

/** A bench whose task 1 runs and has this record. */
async function running(name: string, content: Uint8Array | string): Promise<Bench> {
  const bench = await setup();
  await bench.sle("think", "x");
  await bench.start(1, { results: "results/1-1" });
  bench.world.files[`results/1-1/${name}`] = content;
  return bench;
}

describe("sle logs", () => {
  test("shows a transcript readably, raw as JSON, or its end", async () => {
    await using bench = await running("transcript.jsonl", TRANSCRIPT);
    await bench.type("logs", "1");
    await bench.type("logs", "-n", "2", "1");
    await bench.type("logs", "1", "-n", "0");
    await bench.type("logs", "1", "-n", "few");
    await bench.matches("logs-transcript");
    expect((await bench.sle("logs", "1", "--json")).out).toBe(TRANSCRIPT);
  });

  test("shows plain output with nothing a terminal would obey", async () => {
    await using bench = await running("stdout.log", "one\r\ntwo \u001b[31mred\u0007\nthree");
    await bench.type("logs", "1");
    await bench.type("logs", "1", "--json");
    await bench.matches("logs-plain");
  });

  test("reads only the end of a record, however long it is", async () => {
    const line = `${"ä".repeat(50)}\n`;
    await using bench = await running("stdout.log", line.repeat(20_000));
    expect((await bench.sle("logs", "1")).out).toBe(line.repeat(100));
    expect((await bench.sle("logs", "1", "-n", "10000")).out).toBe(line.repeat(10_000));
  });

  test("says when there is nothing to show", async () => {
    await using bench = await setup();
    await bench.sle("think", "x");
    await bench.type("logs", "1");
    await bench.type("logs", "7");
    await bench.type("logs", "-f", "7");
    await bench.matches("logs-nothing");
  });

  test("-f waits for the first output and follows until the attempt ends", async () => {
    await using bench = await setup();
    const { clock, world } = bench;
    await bench.sle("think", "x");
    const ended = bench.sle("logs", "-f", "1");
    await clock.untilSleeping();
    await bench.start(1, { results: "results/1-1" });
    world.files["results/1-1/stdout.log"] = "one\ntw";
    await clock.advance(250);
    expect(world.out).toBe("one\n");
    world.files["results/1-1/stdout.log"] = "one\ntwo\nthr";
    await clock.advance(250);
    expect(world.out).toBe("one\ntwo\n");
    world.files["results/1-1/stdout.log"] = "one\ntwo\nthree";
    await bench.end(1, { type: "succeeded", summary: "done" });
    await clock.advance(250);
    expect(await ended).toEqual({ exit: 0, out: "one\ntwo\nthree\n", err: "" });
  });

  test("-f ends with 130 when it is broken off, with or without output", async () => {
    await using bench = await running("stdout.log", "one\n");
    const ended = bench.sle("logs", "-f", "1");
    await bench.clock.untilSleeping();
    bench.world.interrupt.abort();
    expect(await ended).toEqual({ exit: 130, out: "one\n", err: "" });
    bench.world.files = {};
    expect(await bench.sle("logs", "-f", "1")).toEqual({ exit: 130, out: "", err: "" });
  });
});

describe("sle watch", () => {
  test("piped, tells every event from now on, one a line", async () => {
    await using bench = await setup();
    await bench.sle("think", "before");
    const ended = bench.sle("watch");
    await bench.clock.untilSleeping();
    await bench.store.tasks.change(1, {
      type: "cancel",
      at: bench.clock.now(),
      by: "ada",
      reason: null,
    });
    await bench.clock.advance(250);
    bench.world.interrupt.abort();
    const told = await ended;
    expect(told.exit).toBe(130);
    expect(
      told.out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        seq: 2,
        type: "task.cancelled",
        at: bench.clock.now() - 250,
        taskId: 1,
        attempt: null,
        data: { by: "ada", reason: null },
      },
    ]);
  });

  test("piped, begins after --since, and never waits for a number from the future", async () => {
    await using bench = await setup();
    await bench.sle("think", "one");
    bench.world.interrupt.abort();
    expect((await bench.sle("watch", "--since", "0")).out).toBe("");
    bench.world.interrupt = new AbortController();
    const ended = bench.sle("watch", "--since", "999");
    await bench.clock.untilSleeping();
    await bench.store.tasks.change(1, { type: "cancel", at: 5, by: "ada", reason: null });
    await bench.clock.advance(250);
    bench.world.interrupt.abort();
    expect((await ended).out).toContain('"task.cancelled"');
  });

  test("on a terminal, draws, redraws, quits on q and gives the screen back", async () => {
    await using bench = await running("stdout.log", "");
    const { clock, world } = bench;
    world.outIsTerminal = true;
    world.answers = [];
    world.env = { NO_COLOR: "1" };
    const ended = bench.sle("watch");
    await clock.untilSleeping();
    const first = world.out;
    expect(first.startsWith("\u001b[?1049h\u001b[?25l\u001b[HSleepless Agent: 1 running")).toBe(
      true,
    );
    expect(first).toContain("attempt 1, 0s\u001b[K\r\n      has not been heard of yet");
    await clock.advance(250);
    expect(world.out).toBe(first);
    await clock.advance(750);
    expect(world.out.slice(first.length)).toContain("attempt 1, 1s");
    world.keys?.("x");
    world.keys?.("q");
    const told = await ended;
    expect(told.exit).toBe(0);
    expect(told.out.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
    expect(world.keys).toBeNull();
  });

  test("on a terminal, Ctrl-C and a signal end it with 130", async () => {
    await using bench = await setup();
    bench.world.outIsTerminal = true;
    bench.world.answers = [];
    const byKey = bench.sle("watch");
    await bench.clock.untilSleeping();
    bench.world.keys?.("\u0003");
    expect(await byKey).toMatchObject({ exit: 130 });
    const bySignal = bench.sle("watch");
    await bench.clock.untilSleeping();
    bench.world.interrupt.abort();
    const told = await bySignal;
    expect(told.exit).toBe(130);
    expect(told.out.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
  });
});
