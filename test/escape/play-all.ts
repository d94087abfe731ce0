import { closeInherited } from "../../src/adapters/process/inherited.ts";
import { type Act, skipped, type Verdict } from "./act.ts";
import { launchersOf, type Launchers, type Level } from "./levels.ts";
import { play } from "./play.ts";
import { makeWorld } from "./world.ts";

/** An act and what came of it. */
export interface Played {
  readonly act: Act;
  readonly verdict: Verdict;
}

/** Plays acts at a level, at most two at a time, each lane in a world of its own. */
export async function playAll(
  acts: readonly Act[],
  level: Level,
  tell: (played: Played) => void = () => {},
): Promise<readonly Played[]> {
  const launchers = await launchersOf(level);
  if ("missing" in launchers) {
    return acts.map((act) => ({ act, verdict: skipped(launchers.missing) }));
  }
  return await playWith(launchers, acts, level, tell);
}

/** The same with these launchers. */
export async function playWith(
  launchers: Launchers,
  acts: readonly Act[],
  level: Level,
  tell: (played: Played) => void = () => {},
): Promise<readonly Played[]> {
  // As the daemon does at its start.
  closeInherited();
  const waiting = [...acts];
  const all: Played[] = [];
  const lane = async (): Promise<void> => {
    await using world = await makeWorld();
    for (let act = waiting.shift(); act !== undefined; act = waiting.shift()) {
      const played = { act, verdict: await play(act, level, launchers, world) };
      all.push(played);
      tell(played);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return all.toSorted((a, b) => a.act.number - b.act.number);
}

const LANES = 2;

/** The one line that says what came of a run. */
export function summaryOf(all: readonly Played[]): string {
  const count = (outcome: Verdict["outcome"]): number =>
    all.filter(({ verdict }) => verdict.outcome === outcome).length;
  return `acts ${all.length}, held ${count("held")}, broken ${count("broken")}, skipped ${count("skipped")}`;
}
