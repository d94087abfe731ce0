import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findCulprit, landingOrder, largestWithoutCollision } from "../../../src/core/preview.ts";

test("a culprit is found with at most ceil(log2 n) runs, and it is one", async () => {
  const cases = fc
    .integer({ min: 1, max: 200 })
    .chain((count) =>
      fc.record({ count: fc.constant(count), bad: fc.integer({ min: 0, max: count - 1 }) }),
    );
  await fc.assert(
    fc.asyncProperty(cases, async ({ count, bad }) => {
      const found = await findCulprit(count, async (first) => first <= bad);
      expect(found.index).toBe(bad);
      expect(found.checkRuns).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
    }),
  );
});

test("no set without collision is larger than the one that is found", () => {
  const graphs = fc.integer({ min: 1, max: 9 }).chain((count) =>
    fc.record({
      ids: fc.constant(Array.from({ length: count }, (_, at) => at + 1)),
      edges: fc.array(
        fc.tuple(fc.integer({ min: 1, max: count }), fc.integer({ min: 1, max: count })),
      ),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ ids, edges }) => {
      const collides = (a: number, b: number): boolean =>
        a !== b && edges.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
      const isFree = (set: readonly number[]): boolean =>
        set.every((a) => set.every((b) => !collides(a, b)));
      const found = largestWithoutCollision(ids, collides);
      expect(isFree(found)).toBe(true);
      const subsets = Array.from({ length: 2 ** ids.length }, (_, bits) =>
        ids.filter((_id, at) => (bits >> at) % 2 === 1),
      );
      const largest = Math.max(...subsets.filter(isFree).map(({ length }) => length));
      expect(found).toHaveLength(largest);
    }),
  );
});

test("many are sorted too, and what depends comes later", () => {
  const ids = Array.from({ length: 40 }, (_, at) => at + 1);
  const odd = largestWithoutCollision(ids, (a, b) => Math.abs(a - b) === 1);
  expect(odd).toHaveLength(20);
  const of = (taskId: number, dependsOn: number[] = []): Parameters<typeof landingOrder>[0][0] => ({
    taskId,
    commit: "c",
    dependsOn,
  });
  const order = landingOrder([of(3, [9]), of(9), of(2, [1])]);
  expect(order.map(({ taskId }) => taskId)).toEqual([2, 9, 3]);
});
