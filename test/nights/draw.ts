import { seededWords } from "../../src/core/draws.ts";

/** Draws everything of a night from its seed. */
export interface Draw {
  /** A whole number from `min` to `max`, both of them among it. */
  readonly int: (min: number, max: number) => number;
  readonly chance: (share: number) => boolean;
  readonly one: <T>(of: readonly T[]) => T;
  /** Another source of its own, so that what is drawn from one does not shift the other. */
  readonly fork: () => Draw;
  readonly seed: () => number;
}

export function drawFrom(seed: number): Draw {
  const word = seededWords(seed);
  const fraction = (): number => word() / 2 ** 32;
  const int: Draw["int"] = (min, max) => min + Math.floor(fraction() * (max - min + 1));
  return {
    int,
    chance: (share) => fraction() < share,
    one: (of) => of[int(0, of.length - 1)] as (typeof of)[number],
    fork: () => drawFrom(word()),
    seed: word,
  };
}
