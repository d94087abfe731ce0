import { randomInt, randomUUID } from "node:crypto";
import type { Chance } from "../../ports/chance.ts";

/** How many different fractions there are; the most that one draw gives. */
const FRACTION_STEPS = 2 ** 47;

/** The system's own cryptographic randomness. */
export function systemChance(): Chance {
  return { fraction: () => randomInt(FRACTION_STEPS) / FRACTION_STEPS, uuid: () => randomUUID() };
}
