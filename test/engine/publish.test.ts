import { expect, it } from "vitest";
import type { Fit } from "../../src/ports/branches.ts";
import { type Forge, ForgeFailed, type PullRequestSpec } from "../../src/ports/forge.ts";
import { publicationOf } from "../../src/core/published.ts";
import { fakePublishing, type FakePublishing } from "../../src/testing/fake-publishing.ts";
import { fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { type Night, setup } from "./setup.ts";

type Next = Parameters<FakePublishing["set"]>[0];
const CHANGED = [{ status: "M", path: "src/sum.js" }] as const;
const NOWHERE = "https://git.example.org/org/app.git";

async function nightOf(
  next: Next = {},
  location = NOWHERE,
): Promise<Night & { readonly publishing: FakePublishing }> {
  const workspaces = fakeWorkspaces();
  const publishing = fakePublishing(CHANGED);
  publishing.set(next);
  const night = setup({
    publishing,
    workspaces: {
      ...workspaces,
      keep: async (...asked) => ({ ...(await workspaces.keep(...asked)), changed: CHANGED }),
    },
  });
  const checks = [{ name: "test", command: "npm test" }];
  await night.tasks.addProject({ name: "app", location, parallelMax: 1, checks });
  await night.engine.start();
  return { ...night, publishing };
}

function forgeOf(patch: Partial<Forge> = {}): Forge & { readonly specs: PullRequestSpec[] } {
  const specs: PullRequestSpec[] = [];
  const no = (): never => {
    throw new Error("not asked for");
  };
  return {
    specs,
    kind: "github",
    credential: async () => null,
    defaultBranch: async () => "main",
    branchRules: async () => ({ isProtected: false, needsSignatures: false, against: [] }),
    findOrOpen: async (spec) => {
      specs.push(spec);
      const { base } = spec;
      return { number: 7, url: "https://forge/7", state: "open", head: "", base };
    },
    pullRequest: no,
    comment: no,
    merge: no,
    close: no,
    feedback: no,
    ...patch,
  };
}

async function stepsOf(night: Night, id: number, attempt = 1): Promise<Record<string, string>> {
  const found = (await night.store.attempts.ofTask(id)).find(({ number }) => number === attempt);
  return Object.fromEntries(found?.steps.map(({ name, detail }) => [name, detail]) ?? []);
}

it("a verified result is committed, sent as a branch and opened as a pull request", async () => {
  const forge = forgeOf();
  const night = await nightOf({ forge });
  const id = await night.think("Sum it up: quickly!", { project: "app" });
  expect((await night.reaches(id, "succeeded", 100)).verdict).toBe("verified");
  const branch = `feature/app-${id}-sum-it-up-quickly`;
  expect(publicationOf(await night.store.effects.ofTask(id))).toEqual({
    commit: {
      commit: expect.any(String),
      base: "2".repeat(40),
      baseBranch: "main",
      branch,
      because: null,
    },
    push: { branch, commit: expect.any(String), compareUrl: null },
    pullRequest: { number: 7, url: "https://forge/7" },
  });
  expect(forge.specs).toMatchObject([
    { head: branch, base: "main", title: "Sum it up: quickly!", draft: false },
  ]);
  expect(forge.specs[0]?.marker).toMatch(new RegExp(`^[0-9a-f-]{36}/${id}$`, "u"));
  expect(night.publishing.scanned[0]?.message).toMatch(
    new RegExp(
      `^Sum it up: quickly!\\n\\n[^]*\\n\\nTask-Id: ${id}\\nAttempt: 1\\nVerdict: verified\\nReceipt: sha256:0+\\n$`,
      "u",
    ),
  );
  await night.engine.stop(0);
});

it("what is refuted, unproven or told to stay goes no further than it may", async () => {
  const forge = forgeOf();
  const protectedChange: Fit = {
    type: "fits",
    base: "2".repeat(40),
    commit: "3".repeat(40),
    changed: [{ status: "D", path: "test/sum.test.js" }],
    insertions: 0,
    deletions: 1,
  };
  const refuted = await nightOf({ forge, fit: protectedChange });
  const first = await refuted.think("Cheat", { project: "app" });
  expect((await refuted.reaches(first, "succeeded", 100)).verdict).toBe("refuted");
  expect(await stepsOf(refuted, first)).toMatchObject({
    commit: expect.stringContaining("It is refuted: look at it and decide."),
  });
  expect(refuted.publishing.pushed).toEqual([]);
  await refuted.engine.stop(0);

  const staying = await nightOf({ forge, rules: { mode: "nothing" } });
  const second = await staying.think("Stay", { project: "app" });
  await staying.reaches(second, "succeeded", 100);
  expect(staying.publishing.pushed).toEqual([]);
  await staying.engine.stop(0);
  expect(forge.specs).toEqual([]);
});

it("a local project gets a branch and no pull request", async () => {
  const forge = forgeOf();
  const local = await nightOf({ forge }, "/src/app");
  const id = await local.think("Do it", { project: "app" });
  await local.reaches(id, "succeeded", 100);
  expect(local.publishing.pushed).toHaveLength(1);
  expect(forge.specs).toEqual([]);
  await local.engine.stop(0);
});

it("a secret keeps everything here and sends the agent back", async () => {
  const scan = { blocking: ["Held back: a key in a.txt, line 3."], warnings: [] };
  const night = await nightOf({ scan });
  const id = await night.think("Do it", { project: "app" });
  const task = await night.reaches(id, "failed", 600_000);
  expect(task.failure).toMatchObject({
    failure: "check-failed",
    message: expect.stringContaining("a key in a.txt, line 3"),
  });
  expect(night.publishing.pushed).toEqual([]);
  expect((await night.store.effects.ofTask(id)).map(({ kind }) => kind)).toEqual([]);
  await night.engine.stop(0);
});

it("a network that is away parks the task, and the agent is not started again for it", async () => {
  const night = await nightOf({ push: { type: "unreachable", message: "It cannot be reached." } });
  const id = await night.think("Do it", { project: "app" });
  await night.until(async () => (await night.get(id)).failure !== null, 100);
  expect((await night.get(id)).failure).toEqual({
    failure: "overloaded",
    message: "It cannot be reached.",
  });
  night.publishing.set({ push: { type: "pushed" } });
  const task = await night.reaches(id, "succeeded", 60_000);
  expect(task).toMatchObject({ verdict: "verified", attempt: 2, attemptsUsed: 1 });
  expect(night.executor.started).toHaveLength(1);
  expect(await stepsOf(night, id, 2)).toMatchObject({ work: "done in attempt 1" });
  // What was meant to be sent before may be replaced.
  expect(night.publishing.pushed[1]?.ours).toContain(night.publishing.pushed[0]?.commit);
  await night.engine.stop(0);
});

it("a refusal asks a person; a retry sends it without the agent, one with words starts the agent", async () => {
  const refused = { type: "refused", reason: "rules", message: "No." } as const;
  const night = await nightOf({ push: refused });
  const id = await night.think("Do it", { project: "app" });
  const waiting = await night.reaches(id, "waiting", 100);
  expect(waiting.question?.text).toMatch(/^No\. The result is kept/u);
  await night.tasks.retry(id, "ada");
  await night.until(async () => night.publishing.pushed.length === 2, 100);
  await night.reaches(id, "waiting", 100);
  expect(night.executor.started).toHaveLength(1);
  night.publishing.set({ push: { type: "pushed" } });
  await night.tasks.retry(id, "ada", "and better");
  await night.reaches(id, "succeeded", 100);
  expect(night.executor.started).toHaveLength(2);
  await night.engine.stop(0);
});

it("a forge that gives no token while the base is read asks, and the work is not done again", async () => {
  const publishing = fakePublishing(CHANGED);
  let isOpen = false;
  const { base } = publishing.branches;
  const branches: typeof publishing.branches = {
    ...publishing.branches,
    base: async (...asked) => {
      if (isOpen) return base(...asked);
      throw new ForgeFailed("unauthorized", "The App is not let in.");
    },
  };
  const workspaces = fakeWorkspaces();
  const keep: typeof workspaces.keep = async (...asked) => ({
    ...(await workspaces.keep(...asked)),
    changed: CHANGED,
  });
  const night = setup({
    publishing: { ...publishing, branches },
    workspaces: { ...workspaces, keep },
  });
  await night.tasks.addProject({ name: "app", location: NOWHERE, parallelMax: 1 });
  await night.engine.start();
  const id = await night.think("Do it", { project: "app" });
  const waiting = await night.reaches(id, "waiting", 100);
  expect(waiting.question?.text).toContain("The App is not let in. The result is kept");
  isOpen = true;
  await night.tasks.retry(id, "ada");
  await night.reaches(id, "succeeded", 100);
  expect(night.executor.started).toHaveLength(1);
  await night.engine.stop(0);
});

it("a repository of somebody else keeps the branch with us, and that is fine", async () => {
  const refused = { type: "refused", reason: "unwritable", message: "Not ours." } as const;
  const night = await nightOf({ push: refused }, "/src/app");
  const id = await night.think("Do it", { project: "app" });
  await night.reaches(id, "succeeded", 100);
  expect(await stepsOf(night, id)).toMatchObject({ push: "Not ours." });
  await night.engine.stop(0);
});

it("a collision sends the agent back, and in the last attempt becomes a doubt", async () => {
  const base = "5".repeat(40);
  const fit: Fit = { type: "conflict", base, paths: ["a.txt"], hunks: "+<<<<<<<" };
  const forge = forgeOf();
  const night = await nightOf({ fit, forge });
  const id = await night.think("Do it", { project: "app" });
  const task = await night.reaches(id, "succeeded", 600_000);
  expect(task).toMatchObject({ verdict: "unverified", attempt: 3 });
  const [first] = await night.store.attempts.ofTask(id);
  expect(first?.outcome).toMatchObject({ failure: "conflict" });
  expect(night.executor.started[1]?.prompt).toContain("It collides with what main became");
  expect(night.executor.started[1]?.prompt).toContain("+<<<<<<<");
  expect(forge.specs).toMatchObject([
    { draft: true, body: expect.stringContaining("It collides") },
  ]);
  await night.engine.stop(0);
});

it("marks that an agent left send it back, and in the last attempt become a doubt", async () => {
  const marked = [["a.txt", "b.txt"], ["b.txt"], ["b.txt"]];
  const night = await nightOf({ marked });
  const id = await night.think("Do it", { project: "app" });
  const task = await night.reaches(id, "succeeded", 600_000);
  expect(task).toMatchObject({ verdict: "unverified", attempt: 3 });
  const [first] = await night.store.attempts.ofTask(id);
  const message =
    "Both versions are still marked in a.txt, b.txt. Resolve them and remove the marks.";
  expect(first?.outcome).toMatchObject({ failure: "conflict", message });
  expect(night.executor.started[1]?.prompt).toContain(message);
  expect((await stepsOf(night, id, 3))["check"]).toContain(
    "Both versions are still marked in b.txt.",
  );
  await night.engine.stop(0);
});

it("an agent that is started on a folder with a conflict is told of it", async () => {
  const workspaces = fakeWorkspaces();
  const open: typeof workspaces.open = async (...asked) => ({
    ...(await workspaces.open(...asked)),
    unresolved: ["a.txt"],
  });
  const night = setup({ publishing: fakePublishing(CHANGED), workspaces: { ...workspaces, open } });
  await night.tasks.addProject({ name: "app", location: NOWHERE, parallelMax: 1 });
  await night.engine.start();
  const id = await night.think("Do it", { project: "app" });
  await night.reaches(id, "succeeded", 100);
  expect(night.executor.started[0]?.prompt).toContain("remove the marks: a.txt.");
  await night.engine.stop(0);
});

it("a link that leads out of the tree keeps a result from being verified", async () => {
  const workspaces = fakeWorkspaces();
  const publishing = fakePublishing(CHANGED);
  const odd = [
    { path: "a", what: "link" },
    { path: "sub", what: "submodule" },
  ] as const;
  const keep: typeof workspaces.keep = async (...asked) => ({
    ...(await workspaces.keep(...asked)),
    changed: CHANGED,
    odd,
  });
  const night = setup({ publishing, workspaces: { ...workspaces, keep } });
  const checks = [{ name: "test", command: "npm test" }];
  await night.tasks.addProject({ name: "app", location: NOWHERE, parallelMax: 1, checks });
  await night.engine.start();
  const id = await night.think("Do it", { project: "app" });
  expect((await night.reaches(id, "succeeded", 100)).verdict).toBe("unverified");
  expect((await stepsOf(night, id))["check"]).toContain(
    "The link a leads out of the tree. The submodule sub became plain files.",
  );
  await night.engine.stop(0);
});

it("a forge that is away or refuses parks or asks", async () => {
  const away = forgeOf({
    findOrOpen: async () => {
      throw new ForgeFailed("limited", "Too many requests.", { retryAt: 10_000_000_000_000 });
    },
  });
  const night = await nightOf({ forge: away });
  const id = await night.think("Do it", { project: "app" });
  await night.until(async () => (await night.get(id)).failure !== null, 100);
  expect((await night.get(id)).failure?.message).toBe("Too many requests.");
  await night.engine.stop(0);
  const no = forgeOf({
    findOrOpen: async () => {
      throw new ForgeFailed("forbidden", "The token may not open pull requests.");
    },
  });
  const other = await nightOf({ forge: no });
  const asked = await other.think("Do it", { project: "app" });
  expect((await other.reaches(asked, "waiting", 100)).question?.text).toContain("may not open");
  await other.engine.stop(0);
});

it.each([
  [{ isProtected: true, needsSignatures: false, against: [] }, "is protected there"],
  [{ isProtected: false, needsSignatures: true, against: [] }, "takes signed commits only"],
  [
    { isProtected: false, needsSignatures: false, against: ["Names begin with x/."] },
    "Names begin",
  ],
])(
  "rules that are known beforehand ask a person before anything is sent: %j",
  async (rules, words) => {
    const night = await nightOf({ forge: forgeOf({ branchRules: async () => rules }) });
    const id = await night.think("Do it", { project: "app" });
    expect((await night.reaches(id, "waiting", 100)).question?.text).toContain(words);
    expect(night.publishing.pushed).toEqual([]);
    await night.engine.stop(0);
  },
);

it("a thought ends on the branch of thoughts", async () => {
  const night = await nightOf();
  const id = await night.think("An idea about caches");
  await night.reaches(id, "succeeded", 100);
  expect(publicationOf(await night.store.effects.ofTask(id)).commit).toMatchObject({
    branch: "thought-ideas",
  });
  await night.engine.stop(0);
});
