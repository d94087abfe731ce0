import { expect, test } from "vitest";
import { say, use } from "../../../demo/scripted-turn.ts";
import type { RunEvent } from "../../../src/ports/executor.ts";
import { addUp } from "../executor-contract.ts";
import { follow } from "../support.ts";
import { openClaude } from "./setup.ts";

const WORK = {
  turns: [
    { ...use("Bash", { command: "true" }), usage: { input: 1_000_000, output: 1000 } },
    say("all done"),
  ],
};

test("a run ends by itself at the dollars that it may cost, and tells what it cost", async () => {
  await using bundle = await openClaude({ scenarios: { play: WORK } });
  const spec = await bundle.spec("play", { budgetUsd: 0.05 });
  const { events, outcome } = await follow(bundle.executor.start(spec));
  expect(outcome).toMatchObject({ type: "failed", failure: "budget" });
  expect(addUp(events).usd).toBeGreaterThan(0.05);
  const rich = await follow(bundle.executor.start(await bundle.spec("play", { budgetUsd: 1000 })));
  expect(rich.outcome).toMatchObject({ type: "done" });
});

test("a run that is stopped for its budget tells the cost of what it used", async () => {
  const slow = {
    ...use("Bash", { command: "sleep 60" }),
    usage: { input: 1_000_000, output: 1000 },
  };
  await using bundle = await openClaude({
    scenarios: { play: { turns: [slow, say("all done")] } },
  });
  const run = bundle.executor.start(await bundle.spec("play"));
  const events: RunEvent[] = [];
  for await (const event of run.events) {
    events.push(event);
    if (event.type === "usage" && event.tokens.output >= 1000) run.stop("budget");
  }
  expect(await run.outcome).toEqual({ type: "stopped", how: "budget" });
  expect(addUp(events).usd).toBeGreaterThan(0);
});
