import { expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import { playNight } from "./night.ts";

/** A machine full of other work may be slow; alone this takes half a minute. */
const PATIENCE_MS = 400_000;

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it.runIf(process.platform === "linux").each([
  { daemons: 1, kills: 9 },
  { daemons: 2, kills: 6 },
])(
  `loses, doubles and forgets nothing over $kills kills with $daemons daemons (SEED=${seed})`,
  async ({ daemons, kills }) => {
    process.stdout.write(`SEED=${seed}\n`);
    const night = await playNight({ seed, daemons, kills });
    const findings = checkHistory(night.history);
    expect(findings).toEqual({
      lost: [],
      doubled: [],
      unresumed: [],
      wrong: [],
      resumed: findings.resumed,
    });
    expect(night.kills).toBeGreaterThanOrEqual(kills);
    expect(findings.resumed).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
