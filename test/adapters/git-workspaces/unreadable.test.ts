import { chmodSync, chownSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "../sandbox/support.ts";
import { answerOf, startOther } from "./other-process.ts";
import { type Bundle, listed, setup, writeFiles } from "./setup.ts";

const NOBODY = 65_534;
/** For root no file is unreadable: the work is then done by another user. */
const isRoot = process.getuid?.() === 0;

function giveAway(bundle: Bundle): void {
  if (!isRoot) return;
  chownSync(bundle.root, NOBODY, NOBODY);
  for (const path of listed(bundle.root)) chownSync(join(bundle.root, path), NOBODY, NOBODY);
}

const WAYS = [
  ["without a fence", false] as const,
  ...(sandbox.ok ? [["in the fence", true] as const] : []),
];

test.each(WAYS)(
  "files and folders that the agent locked are unlocked and kept, %s",
  async (_, isFenced) => {
    using bundle = setup();
    const path = join(bundle.tasks, "7");
    giveAway(bundle);
    const uid = isRoot ? NOBODY : undefined;
    const first = startOther(
      bundle,
      { taskId: 7, project: null, steps: ["open", "keep"], isFenced },
      uid,
    );
    expect(await answerOf(first)).toMatchObject({ changed: [] });
    writeFiles(path, { "locked.txt": "x\n", "shut/inner.txt": "y\n", "free.txt": "z\n" });
    giveAway(bundle);
    chmodSync(join(path, "locked.txt"), 0o000);
    chmodSync(join(path, "shut"), 0o000);
    const second = startOther(bundle, { taskId: 7, project: null, steps: ["keep"], isFenced }, uid);
    expect(await answerOf(second)).toMatchObject({
      changed: [
        { status: "A", path: "free.txt" },
        { status: "A", path: "locked.txt" },
        { status: "A", path: "shut/inner.txt" },
      ],
    });
  },
);

test.runIf(isRoot).each(WAYS)(
  "what belongs to others and cannot be read is left out and told, %s",
  async (_, isFenced) => {
    using bundle = setup();
    const path = join(bundle.tasks, "7");
    giveAway(bundle);
    await answerOf(
      startOther(bundle, { taskId: 7, project: null, steps: ["open"], isFenced }, NOBODY),
    );
    writeFiles(path, { "free.txt": "z\n", "shut/inner.txt": "y\n" });
    writeFileSync(join(path, "foreign.txt"), "x\n", { mode: 0o600 });
    chmodSync(join(path, "shut"), 0o700);
    const kept = startOther(
      bundle,
      { taskId: 7, project: null, steps: ["keep"], isFenced },
      NOBODY,
    );
    expect(await answerOf(kept)).toMatchObject({
      changed: [{ status: "A", path: "free.txt" }],
      leftOut: expect.arrayContaining([
        { path: "foreign.txt", reason: "unreadable" },
        { path: "shut", reason: "unreadable" },
      ]) as unknown,
    });
    expect(readdirSync(path).toSorted()).toEqual([".git", "foreign.txt", "free.txt", "shut"]);
  },
);
