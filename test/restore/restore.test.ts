import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLauncher } from "../../src/adapters/process/launcher.ts";
import { fencingLauncher, sandbox } from "../adapters/sandbox/support.ts";
import { playBatch } from "./play.ts";

// A part of `npm run test:restore`; each number is the seed of a state.
const BATCHES: readonly (readonly [string, number, number])[] = [
  ["without a fence", 1, 30],
  ["without a fence", 31, 60],
  ["without a fence", 61, 90],
  ["in the fence", 91, 105],
];

/** Far more than it takes, for machines with much else to do. */
const TIMEOUT_MS = 600_000;

test.concurrent.each(BATCHES)(
  "every byte comes back, %s, states %i to %i",
  async (way, from, to) => {
    const isFenced = way === "in the fence" && sandbox.ok;
    const root = mkdtempSync(join(tmpdir(), "sle-restore-"));
    try {
      const launcher = isFenced ? await fencingLauncher() : await createLauncher();
      const seeds = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      const played = await playBatch({ root, launcher, isFenced }, seeds);
      expect(played.filter(({ difference }) => difference !== null)).toEqual([]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
