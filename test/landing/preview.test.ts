import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setup, type Stage } from "./setup.ts";

test("the largest set that merges and passes is proposed, culprits are named, main stays", async () => {
  // x and y are good alone and break together; p and q write the same line.
  const passes = (folder: string): boolean =>
    !(existsSync(join(folder, "x.txt")) && existsSync(join(folder, "y.txt")));
  await using stage = await setup(passes);
  const ids = await doneInOrder(stage, [
    ["P", { "a.txt": "p\n" }],
    ["X", { "x.txt": "1\n" }],
    ["Q", { "a.txt": "q\n" }],
    ["Y", { "y.txt": "1\n" }],
    ["Z", { "z.txt": "1\n" }],
  ]);
  const main = stage.git("rev-parse", "main");
  const refs = stage.git("for-each-ref");
  const previewed = await stage.landings.preview("app", stage.call);
  expect(previewed).toEqual({
    ok: true,
    value: {
      base: main,
      together: [ids["P"], ids["X"], ids["Z"]],
      aside: [
        { taskId: ids["Q"], why: "collides", with: ids["P"], checkRuns: 0 },
        { taskId: ids["Y"], why: "breaks", with: ids["X"], checkRuns: expect.any(Number) },
      ],
      checkRuns: expect.any(Number),
      problem: null,
    },
  });
  expect(stage.git("for-each-ref")).toBe(refs);
  expect(stage.git("status", "--porcelain")).toBe("");
  if (!previewed.ok) throw new Error("impossible");
  const culprit = previewed.value.aside.find(({ why }) => why === "breaks");
  expect(culprit?.checkRuns).toBeLessThanOrEqual(Math.ceil(Math.log2(4)) + 2);
  for (const id of previewed.value.together) {
    expect(await stage.landings.land(id, { ...stage.call, anyway: false })).toMatchObject({
      ok: true,
    });
  }
});

test("when the checks fail on the base itself, that is said", async () => {
  let isBroken = false;
  await using stage = await setup(() => !isBroken);
  await doneInOrder(stage, [["A", { "x.txt": "1\n" }]]);
  isBroken = true;
  expect(await stage.landings.preview("app", stage.call)).toMatchObject({
    ok: true,
    value: { together: [], problem: expect.stringContaining("fail on the base itself") },
  });
  expect(await stage.landings.preview("other", stage.call)).toMatchObject({ ok: false });
});

async function doneInOrder(
  stage: Stage,
  works: readonly (readonly [string, Readonly<Record<string, string>>])[],
): Promise<Readonly<Record<string, number>>> {
  const ids: Record<string, number> = {};
  for (const [name, files] of works) {
    const task = await stage.done(name, files);
    expect(task.verdict).toBe("verified");
    ids[name] = task.id;
  }
  return ids;
}
