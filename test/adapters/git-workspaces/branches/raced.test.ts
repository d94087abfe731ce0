import { expect, test } from "vitest";
import { pushBranch } from "../../../../src/adapters/git-workspaces/branches/push.ts";
import type { GitAnswer, GitCall } from "../../../../src/adapters/git-workspaces/git.ts";
import { NOW } from "../setup.ts";

const [MINE, EARLIER, STRANGE] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)];
const PROJECT = {
  name: "app",
  location: "https://git.example.org/org/app.git",
  base: null,
  parallelMax: 1,
  budget: null,
  checks: [],
  createdAt: NOW,
};

/** Pushes while the branch there is one of these, one after the other, and never what was seen. */
async function pushed(...tips: readonly (string | null)[]): Promise<readonly unknown[]> {
  const leases: string[] = [];
  const left = [...tips];
  const run = async ({ args }: GitCall): Promise<GitAnswer> => {
    const answer = { code: 0, stdout: Buffer.alloc(0), stderr: "", isCut: false };
    if (args[0] === "ls-remote") {
      const tip = left.shift() ?? null;
      return { ...answer, stdout: Buffer.from(tip === null ? "" : `${tip}\trefs/heads/x\n`) };
    }
    leases.push(
      args.find((each) => each.startsWith("--force-with-lease"))?.split(":")[1] ?? "none",
    );
    if (left.length === 0) return answer;
    return { ...answer, code: 1, stdout: Buffer.from("!\t[rejected] (stale info)\n") };
  };
  const place = {
    tasks: "/tasks",
    trash: "/trash",
    shelf: { git: { run, must: async () => Buffer.alloc(0) }, repositories: "/repositories" },
    program: "git",
    lock: async <T>(_key: string, action: () => Promise<T>) => action(),
    now: () => NOW,
  };
  const repository = { name: "app", gitDir: "/repositories/app.git" };
  const spec = { branch: "x", commit: MINE, ours: [EARLIER] };
  const { signal } = new AbortController();
  const { type } = await pushBranch(place, repository, PROJECT, spec, signal);
  return [type, leases];
}

test("a push that a git which outlived its daemon overtook is made again, on what that left", async () => {
  expect(await pushed(null, EARLIER)).toEqual(["pushed", ["", EARLIER]]);
  expect(await pushed(EARLIER, MINE)).toEqual(["there", [EARLIER]]);
});

test("what somebody else put there meanwhile stays, and it is not tried for ever", async () => {
  expect(await pushed(null, STRANGE)).toEqual(["refused", [""]]);
  const again = await pushed(null, EARLIER, null, EARLIER, null, EARLIER, null, EARLIER);
  expect(again).toEqual(["refused", ["", EARLIER, ""]]);
});
