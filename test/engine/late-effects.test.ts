import { expect, it } from "vitest";
import type { BranchRules, Forge } from "../../src/ports/forge.ts";
import { markerOf } from "../../src/engine/steps/open-pull-request.ts";
import { fakePublishing, type FakePublishing } from "../../src/testing/fake-publishing.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { taskOf } from "../unit/core/samples.ts";
import { type Night, setup } from "./setup.ts";

const CHANGED = [{ status: "M", path: "src/sum.js" }] as const;
const FREE: BranchRules = { isProtected: false, needsSignatures: false, against: [] };

interface Stage extends Night {
  readonly publishing: FakePublishing;
  readonly id: number;
  /** How often a pull request was opened. */
  readonly opened: () => number;
  /** Lets go what was held. */
  readonly goOn: () => void;
}

/** An attempt that stands still at this point of its way out, as a machine that sleeps makes it. */
async function stoppedAt(point: "rules" | "commit" | "marker"): Promise<Stage> {
  const publishing = fakePublishing(CHANGED);
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let opened = 0;
  const stop = async (here: typeof point): Promise<void> => {
    if (here !== point) return;
    reached.resolve();
    await gate.promise;
  };
  const no = (): never => {
    throw new Error("not asked for");
  };
  const forge: Forge = {
    kind: "github",
    credential: async () => null,
    defaultBranch: async () => "main",
    branchRules: async () => {
      await stop("rules");
      return FREE;
    },
    findOrOpen: async ({ base }) => {
      opened += 1;
      return { number: 7, url: "https://forge/7", state: "open", head: "", base };
    },
    pullRequest: no,
    comment: no,
    merge: no,
    close: no,
    feedback: no,
  };
  publishing.set({ forge });
  const night = setup({ publishing });
  const { intend } = night.store.effects;
  Object.assign(night.store.effects, {
    intend: async (effect: Parameters<typeof intend>[0]) => {
      const intended = await intend(effect);
      if (effect.kind === "commit") await stop("commit");
      if (effect.kind === "pull-request") await stop("marker");
      return intended;
    },
  });
  const location = "https://git.example.org/org/app.git";
  const checks = [{ name: "test", command: "npm test" }];
  await night.tasks.addProject({ name: "app", location, parallelMax: 1, checks });
  await night.engine.start();
  const id = await night.think("Do it", { project: "app" });
  const isReached = { value: false };
  void reached.promise.then(() => (isReached.value = true));
  await night.until(() => isReached.value, 100);
  return { ...night, publishing, id, opened: () => opened, goOn: () => gate.resolve() };
}

it.each(["rules", "commit", "marker"] as const)(
  "an attempt whose task was taken over while it stood still at %s does nothing outside any more",
  async (point) => {
    const stage = await stoppedAt(point);
    const { store, clock, id, publishing } = stage;
    const before = publishing.pushed.length;
    const [attempt] = await store.attempts.ofTask(id);
    const change = { type: "recover", at: clock.now(), leaseId: attempt?.leaseId ?? "" } as const;
    await store.tasks.change(id, change);
    // Nobody claims it again here: what happens from now on is the old attempt's.
    await store.shared.setAdmission({ mode: "paused", until: null, by: "ada" }, clock.now());
    stage.goOn();
    await stage.engine.stop(0);
    expect(publishing.pushed).toHaveLength(before);
    expect(stage.opened()).toBe(0);
    const effects = await store.effects.ofTask(id);
    expect(effects.filter(({ kind, doneAt }) => kind !== "push" && doneAt !== null)).toEqual(
      effects.filter(({ kind }) => point !== "commit" && kind === "commit"),
    );
  },
);

it("two daemons that open their first pull requests at once name one home", async () => {
  const { store } = setup();
  const task = taskOf({ id: 5 });
  const first = await markerOf({ store, chance: seededChance(1), task });
  // The second looked before the first had said anything.
  let looks = 0;
  const setting = async (key: string): Promise<string | null> =>
    (looks += 1) === 1 ? null : store.shared.setting(key);
  const late = { ...store, shared: { ...store.shared, setting } };
  expect(await markerOf({ store: late, chance: seededChance(2), task })).toBe(first);
});
