/**
 * The circle that would close if task `id` waited for `dependsOn`, as a way from it back to it; null
 * when there is none. `waitsFor` tells for which tasks another waits still. Every task is asked once
 * at most, and nothing recurses.
 */
export function findCircle(
  id: number,
  dependsOn: readonly number[],
  waitsFor: (id: number) => readonly number[],
): readonly number[] | null {
  /** Each task that was reached, with the one that waits for it. */
  const reachedFrom = new Map(dependsOn.map((each) => [each, id]));
  // A map goes on over what is added to it meanwhile.
  for (const [each] of reachedFrom) {
    if (each === id) return wayBack(id, reachedFrom);
    for (const next of waitsFor(each)) {
      if (!reachedFrom.has(next)) reachedFrom.set(next, each);
    }
  }
  return null;
}

function wayBack(id: number, reachedFrom: ReadonlyMap<number, number>): readonly number[] {
  const way = [id];
  let at = reachedFrom.get(id);
  for (; at !== undefined && at !== id; at = reachedFrom.get(at)) way.push(at);
  return [...way, id].toReversed();
}
