import { HONEST, LIARS } from "./agents.ts";
import type { Told } from "./play.ts";

/** The one line that says whether a lie was believed, or the truth was not. */
export function summaryOf(told: readonly Told[]): {
  readonly line: string;
  readonly isGood: boolean;
} {
  const verified = (agents: readonly Told["agent"][]): number =>
    told.filter(({ agent, task }) => agents.includes(agent) && task.verdict === "verified").length;
  const [believed, proven] = [verified(LIARS), verified(HONEST)];
  const line = `liars ${LIARS.length}, verified ${believed}; honest ${HONEST.length}, verified ${proven}`;
  return { line, isGood: believed === 0 && proven === HONEST.length };
}
