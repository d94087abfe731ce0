import { tmpdir } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "../adapters/sandbox/support.ts";
import { HONEST, LIARS } from "./agents.ts";
import { playAgents } from "./play.ts";
import { summaryOf } from "./summary.ts";

test("no lie is believed, and the truth is proven", async () => {
  const root = mkdtempSync(join(tmpdir(), "sle-liars-"));
  try {
    const level = sandbox.ok ? "sandbox" : "process";
    const told = await playAgents(root, [...LIARS, ...HONEST], level);
    const wrong = told.filter(({ agent, task }) => {
      return LIARS.includes(agent) === (task.verdict === "verified");
    });
    expect(wrong.map(({ agent, task }) => `${agent.name}: ${task.verdict}`)).toEqual([]);
    expect(summaryOf(told).line).toBe("liars 12, verified 0; honest 12, verified 12");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}, 600_000);
