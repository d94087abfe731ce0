import { expect, it } from "vitest";
import { openLandings } from "../../src/engine/landing/landings.ts";
import type { Forge, Merged } from "../../src/ports/forge.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { fakePublishing, type FakePublishing } from "../../src/testing/fake-publishing.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { type Night, setup } from "./setup.ts";

const CHANGED = [{ status: "M", path: "src/sum.js" }] as const;
const MERGED: Merged = { type: "merged", commit: "e".repeat(40) };
const CALL = { by: "ada", signal: new AbortController().signal, tell: () => {}, anyway: false };

interface Stage extends Night {
  readonly publishing: FakePublishing;
  readonly id: number;
  readonly forge: FakeForge;
  readonly land: () => Promise<unknown>;
  readonly reject: (note: string) => Promise<unknown>;
  /** Others push to the base branch. */
  readonly moveBase: (commit: string) => void;
}

/** A forge with the one pull request; `merge` answers what is next, or breaks off after it was done. */
interface FakeForge extends Forge {
  state: "open" | "merged";
  next: "merges" | "breaks off before" | "breaks off after";
  readonly comments: string[];
}

function fakeForge(): FakeForge {
  const no = (): never => {
    throw new Error("not asked for");
  };
  const pull = { number: 7, url: "https://forge/7", head: "f".repeat(40), base: "main" };
  const forge: FakeForge = {
    state: "open",
    next: "merges",
    comments: [],
    kind: "github",
    credential: async () => null,
    defaultBranch: async () => "main",
    branchRules: async () => ({ isProtected: false, needsSignatures: false, against: [] }),
    findOrOpen: async () => ({ ...pull, state: forge.state }),
    pullRequest: async () => ({ ...pull, state: forge.state }),
    comment: async (_number, { text }) => void forge.comments.push(text),
    merge: async () => {
      const { next } = forge;
      forge.next = "merges";
      if (next === "breaks off before") throw new Error("cut off");
      forge.state = "merged";
      if (next === "breaks off after") throw new Error("cut off");
      return MERGED;
    },
    close: async () => {},
    feedback: no,
  };
  return forge;
}

/** A verified result of a project elsewhere, with its pull request. */
async function stageOf(): Promise<Stage> {
  const publishing = fakePublishing(CHANGED);
  const forge = fakeForge();
  publishing.set({ forge });
  const night = setup({ publishing });
  const location = "https://git.example.org/org/app.git";
  const checks = [{ name: "test", command: "npm test" }];
  await night.tasks.addProject({ name: "app", location, parallelMax: 1, checks });
  await night.engine.start();
  const id = await night.think("Do it", { project: "app" });
  await night.reaches(id, "succeeded", 100);
  await night.engine.stop(0);
  const landings = openLandings({
    ...night,
    publishing,
    proving: fakeProving(() => ({})),
    chance: seededChance(),
    limits: {
      timeoutMs: 1000,
      projectTimeoutMs: () => null,
      stallMs: 1000,
      retryRules: { backoffBaseMs: 1, backoffMaxMs: 1 },
    },
  });
  return {
    ...night,
    publishing,
    id,
    forge,
    land: () => landings.land(id, CALL),
    reject: (note) => landings.reject(id, { ...CALL, note }),
    moveBase: (commit) =>
      void Object.assign(publishing.branches, { base: async () => ({ name: "main", commit }) }),
  };
}

const LANDED = { ok: true, value: { landing: { decision: "landed", commit: MERGED.commit } } };

it("what a cut off landing sent is ours, whoever sends next", async () => {
  const { land, forge, moveBase, publishing, clock } = await stageOf();
  moveBase("5".repeat(40));
  forge.next = "breaks off before";
  await expect(land()).rejects.toThrow("cut off");
  const first = publishing.pushed.at(-1)?.commit;
  await clock.advance(1000);
  expect(await land()).toMatchObject(LANDED);
  const second = publishing.pushed.at(-1);
  expect(second?.commit).not.toBe(first);
  expect(second?.ours).toContain(first);
});

it("a merge whose answer was lost is found, and nothing is sent after it", async () => {
  const { land, forge, moveBase, publishing } = await stageOf();
  forge.next = "breaks off after";
  await expect(land()).rejects.toThrow("cut off");
  const sent = publishing.pushed.length;
  // Squashed there, so that our own commit is not in its history.
  moveBase(MERGED.commit);
  const nothing = { changed: [], insertions: 0, deletions: 0 };
  const commit = "6".repeat(40);
  publishing.set({ fit: { type: "fits", base: MERGED.commit, commit, ...nothing } });
  expect(await land()).toMatchObject(LANDED);
  expect(publishing.pushed).toHaveLength(sent);
});

it("a rejection is said once, as an effect", async () => {
  const { reject, forge, store, id } = await stageOf();
  await reject("Not wanted.");
  await reject("Not wanted.");
  expect(forge.comments).toEqual(["Not wanted."]);
  const kinds = (await store.effects.ofTask(id)).map(({ kind, doneAt }) => [kind, doneAt !== null]);
  expect(kinds).toContainEqual(["comment", true]);
});
