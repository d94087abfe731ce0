import { seededWords } from "../core/draws.ts";
import type { Chance } from "../ports/chance.ts";

/** Randomness that repeats: the same seed gives the same fractions and identifiers. */
export function seededChance(seed = 1): Chance {
  const word = seededWords(seed);
  return { fraction: () => word() / 2 ** 32, uuid: () => uuidOf([word(), word(), word(), word()]) };
}

/** Sets the bits that mark a random (version 4) identifier. */
function uuidOf(words: readonly number[]): string {
  const hex = words.map((word) => word.toString(16).padStart(8, "0")).join("");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
