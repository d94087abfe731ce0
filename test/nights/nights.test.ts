import { expect, it } from "vitest";
import { playNight } from "./play.ts";

/** A machine full of other work may be slow. */
const PATIENCE_MS = 120_000;
const NIGHTS = 8;

it(
  `balances the books of ${NIGHTS} nights`,
  async () => {
    for (let seed = 1; seed <= NIGHTS; seed += 1) {
      const { problems, imbalance, promises, outcomes } = await playNight(seed);
      expect({ seed, problems, imbalance, promises }).toEqual({
        seed,
        problems: [],
        imbalance: 0,
        promises: outcomes,
      });
    }
  },
  PATIENCE_MS,
);
