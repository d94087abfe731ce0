import { expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import { playClaudeNight } from "./claude-night.ts";

/** A machine full of other work may be slow; alone this takes a quarter of a minute. */
const PATIENCE_MS = 300_000;

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it.runIf(process.platform === "linux")(
  `resumes the sessions of the real Claude Code over kills (SEED=${seed})`,
  async () => {
    process.stdout.write(`SEED=${seed}\n`);
    const night = await playClaudeNight({ seed, kills: 4 });
    const findings = checkHistory(night.history);
    expect(findings).toEqual({
      lost: [],
      doubled: [],
      unresumed: [],
      wrong: [],
      resumed: findings.resumed,
    });
    expect(night.kills).toBeGreaterThanOrEqual(4);
    expect(findings.resumed).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
