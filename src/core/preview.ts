/** A result that is tried with others. */
export interface Candidate {
  readonly taskId: number;
  readonly commit: string;
  /** Tasks that it was to come after. */
  readonly dependsOn: readonly number[];
}

/** What trying results together came to. */
export interface Preview {
  readonly base: string;
  /** Those that merge and pass together, in the order in which to land them. */
  readonly together: readonly number[];
  /** Those that were left out, each with why. */
  readonly aside: readonly Aside[];
  /** How often the checks were run over all. */
  readonly checkRuns: number;
  /** Set when nothing could be tried: the checks fail on the base itself. */
  readonly problem: string | null;
}

/** A result that was left out. */
export interface Aside {
  readonly taskId: number;
  readonly why: "collides" | "breaks";
  /** The task that it collides with or after which it breaks the checks; null when that is the base. */
  readonly with: number | null;
  /** Check runs that it took to name it. */
  readonly checkRuns: number;
}

/** Above so many the largest set is not looked for exactly, only a large one. */
const EXACT_MAX = 24;

/**
 * The most results of which no two collide. `collides` is symmetric; of equally many those that come
 * first win. Exact for up to 24.
 */
export function largestWithoutCollision(
  ids: readonly number[],
  collides: (a: number, b: number) => boolean,
): readonly number[] {
  if (ids.length > EXACT_MAX) return firstComeWithoutCollision(ids, collides);
  let best: readonly number[] = [];
  const extend = (chosen: readonly number[], left: readonly number[]): void => {
    if (chosen.length + left.length <= best.length) return;
    const [next, ...rest] = left;
    if (next === undefined) {
      best = chosen;
      return;
    }
    extend(
      [...chosen, next],
      rest.filter((each) => !collides(each, next)),
    );
    extend(chosen, rest);
  };
  extend([], ids);
  return best;
}

function firstComeWithoutCollision(
  ids: readonly number[],
  collides: (a: number, b: number) => boolean,
): readonly number[] {
  const chosen: number[] = [];
  for (const id of ids) if (!chosen.some((each) => collides(each, id))) chosen.push(id);
  return chosen;
}

/** A result that breaks what came before it, and how many runs it took to find it. */
export interface Culprit {
  /** Index into the results, 0 for the first. */
  readonly index: number;
  readonly checkRuns: number;
}

/**
 * Finds, by bisection, a result that breaks the checks: with all before it they pass, with it they do
 * not. All together are known to fail and none to pass; takes at most ceil(log2 count) runs.
 */
export async function findCulprit(
  count: number,
  passesWithFirst: (count: number) => Promise<boolean>,
): Promise<Culprit> {
  let [passing, failing, checkRuns] = [0, count, 0];
  while (failing - passing > 1) {
    const middle = Math.floor((passing + failing) / 2);
    checkRuns += 1;
    if (await passesWithFirst(middle)) passing = middle;
    else failing = middle;
  }
  return { index: failing - 1, checkRuns };
}

/** An order to land them in: the earlier first, and none before what it depends on. */
export function landingOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  const waiting = candidates.toSorted((a, b) => a.taskId - b.taskId);
  const ordered: Candidate[] = [];
  while (waiting.length > 0) {
    const isFree = ({ dependsOn }: Candidate): boolean =>
      !dependsOn.some((id) => waiting.some((each) => each.taskId === id));
    const at = Math.max(0, waiting.findIndex(isFree));
    ordered.push(...waiting.splice(at, 1));
  }
  return ordered;
}
