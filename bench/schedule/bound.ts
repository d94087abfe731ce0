import type { Trace } from "./trace.ts";

const WEEK_MS = 7 * 86_400_000;

/**
 * More work than this nobody can do, whatever they know of the future: all that is asked for, or what
 * the weekly windows allow beyond what the person uses. An upper bound, not a schedule: it forgets the
 * five-hour windows, the machine, and that work must be asked for before it is done.
 */
export function mostWork({ from, until, human, weekShares, tasks }: Trace): number {
  let allowed = 0;
  for (let week = from; week < until; week += WEEK_MS) {
    const own = human
      .filter((block) => block.from >= week && block.from < week + WEEK_MS)
      .reduce((sum, block) => sum + block.share, 0);
    allowed += Math.max(0, weekShares - own);
  }
  return Math.min(
    allowed,
    tasks.reduce((sum, { share }) => sum + share, 0),
  );
}
