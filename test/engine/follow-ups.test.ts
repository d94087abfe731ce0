import { expect, it } from "vitest";
import type { Remark } from "../../src/core/remark.ts";
import type { Feedback, Forge } from "../../src/ports/forge.ts";
import { fakePublishing } from "../../src/testing/fake-publishing.ts";
import { fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { type Night, setup } from "./setup.ts";

const CHANGED = [{ status: "M", path: "src/sum.js" }] as const;
const LOOK_MS = 300_000;

interface Stand {
  readonly night: Night;
  /** What the pull request answers from now on; each call sees these remarks. */
  readonly answers: { remarks: Remark[]; state: Feedback["state"]; asked: (string | null)[] };
  readonly id: number;
}

/** A task whose pull request is open. */
async function opened(): Promise<Stand> {
  const answers: Stand["answers"] = { remarks: [], state: "open", asked: [] };
  const publishing = fakePublishing(CHANGED);
  publishing.set({ forge: forgeOf(answers) });
  const workspaces = fakeWorkspaces();
  const night = setup({
    publishing,
    workspaces: {
      ...workspaces,
      keep: async (...asked) => ({ ...(await workspaces.keep(...asked)), changed: CHANGED }),
    },
  });
  const checks = [{ name: "test", command: "npm test" }];
  const location = "https://git.example.org/org/app.git";
  await night.tasks.addProject({ name: "app", location, parallelMax: 1, checks });
  await night.engine.start();
  const id = await night.think("Sum it up", { project: "app" });
  await night.reaches(id, "succeeded", 100);
  return { night, answers, id };
}

function forgeOf(answers: Stand["answers"]): Forge {
  const no = (): never => {
    throw new Error("not asked for");
  };
  const pull = {
    number: 7,
    url: "https://forge/7",
    state: "open",
    head: "abc",
    base: "main",
  } as const;
  return {
    kind: "github",
    credential: async () => null,
    defaultBranch: async () => "main",
    branchRules: async () => ({ isProtected: false, needsSignatures: false, against: [] }),
    findOrOpen: async () => pull,
    pullRequest: async () => pull,
    comment: no,
    merge: no,
    close: no,
    feedback: async (_number, cursor) => {
      answers.asked.push(cursor);
      const { remarks, state } = answers;
      return { remarks, state, cursor: String(answers.asked.length) };
    },
  };
}

function remark(id: string, patch: Partial<Remark> = {}): Remark {
  return {
    id,
    kind: "comment",
    author: "grace",
    isOurs: false,
    isFromMember: true,
    isFailure: false,
    text: `Words of ${id}`,
    place: null,
    url: null,
    at: 1,
    ...patch,
  };
}

async function looked({ night, answers }: Stand, times = 1): Promise<void> {
  const before = answers.asked.length;
  await night.until(() => answers.asked.length >= before + times, LOOK_MS);
}

it("what a member says sends the agent back once, in the same session", async () => {
  const stand = await opened();
  const { night, answers, id } = stand;
  answers.remarks = [
    remark("1"),
    remark("2", { isFromMember: false }),
    remark("3", { isOurs: true }),
  ];
  await looked(stand);
  const task = await night.reaches(id, "succeeded", 1000);
  await night.until(async () => (await night.get(id)).attempt === 2, 1000);
  await night.reaches(id, "succeeded", 1000);
  expect(night.executor.started[1]).toMatchObject({
    resume: true,
    sessionId: task.sessionId,
    prompt: expect.stringContaining("Words of 1"),
  });
  expect(night.executor.started[1]?.prompt).not.toContain("Words of 2");
  await looked(stand, 3);
  expect((await night.get(id)).attempt).toBe(2);
  expect(answers.asked.at(-1)).not.toBeNull();
  await night.engine.stop(0);
});

it("remarks that were passed on are not passed on again when the cursor was lost", async () => {
  const stand = await opened();
  const { night, answers, id } = stand;
  answers.remarks = [remark("1")];
  await looked(stand);
  await night.until(async () => (await night.get(id)).attempt === 2, 1000);
  await night.reaches(id, "succeeded", 1000);
  await night.store.shared.setSetting(
    `feedback/${id}/7`,
    JSON.stringify({ cursor: null, told: [] }),
  );
  await looked(stand, 2);
  expect((await night.get(id)).attempt).toBe(2);
  await night.engine.stop(0);
});

it("a check that fails for ever ends in a person's hands", async () => {
  const stand = await opened();
  const { night, answers, id } = stand;
  for (let round = 1; round <= 7; round += 1) {
    answers.remarks = [remark(`run-${round}`, { kind: "check", isFailure: true })];
    await looked(stand);
    await night.until(async () => (await night.get(id)).state === "succeeded", 1000);
    await looked(stand);
    await night.until(async () => (await night.get(id)).state === "succeeded", 1000);
  }
  expect((await night.get(id)).attempt).toBe(6);
  await night.engine.stop(0);
});

it("a merge or a close there is the decision", async () => {
  const merged = await opened();
  merged.answers.state = "merged";
  await merged.night.until(
    async () => (await merged.night.get(merged.id)).landing !== null,
    LOOK_MS,
  );
  expect((await merged.night.get(merged.id)).landing).toMatchObject({
    decision: "landed",
    by: "github",
    commit: "abc",
  });
  const { asked } = merged.answers;
  const times = asked.length;
  await merged.night.clock.advance(3 * LOOK_MS);
  expect(asked).toHaveLength(times);
  await merged.night.engine.stop(0);
  const closed = await opened();
  closed.answers.state = "closed";
  await closed.night.until(
    async () => (await closed.night.get(closed.id)).landing !== null,
    LOOK_MS,
  );
  expect((await closed.night.get(closed.id)).landing?.decision).toBe("rejected");
  await closed.night.engine.stop(0);
});
