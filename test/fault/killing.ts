import type { Artifacts } from "../../src/ports/artifacts.ts";
import type { Launcher } from "../../src/ports/launcher.ts";
import type { Notifier } from "../../src/ports/notifier.ts";
import type { Proving } from "../../src/ports/proof.ts";
import type { Store } from "../../src/ports/store.ts";
import type { Publishing } from "../../src/ports/publishing.ts";
import type { Workspaces } from "../../src/ports/workspaces.ts";
import { type KillPlan, type KillPoint, type Moment, pointOfCall } from "./kill-points.ts";

/** Told of every moment of every point; dies at the planned one. */
export type Killer = (point: KillPoint, moment: Moment) => void;

/** Kills this process with SIGKILL where the plan says; never without a plan. */
export function makeKiller(plan: KillPlan | null): Killer {
  let left = plan?.nth ?? 0;
  return (point, moment) => {
    if (plan === null || point !== plan.point || moment !== plan.moment) return;
    left -= 1;
    if (left !== 0) return;
    const die = (): void => void process.kill(process.pid, "SIGKILL");
    if (plan.delayMs === 0) die();
    else setTimeout(die, plan.delayMs);
  };
}

/** The same store, in which every call that is a point is told to the killer. */
export function killingStore(store: Store, killer: Killer): Store {
  const parts = ["tasks", "attempts", "effects", "events", "usage", "shared"] as const;
  const wrapped = parts.map((part) => [part, killingPart(part, store[part], killer)]);
  return {
    ...store,
    ...(Object.fromEntries(wrapped) as Pick<Store, (typeof parts)[number]>),
  };
}

/** What else an attempt asks of the outside, told to the killer. */
export function killingOutside(
  parts: {
    readonly workspaces: Workspaces;
    readonly publishing: Publishing;
    readonly proving: Proving;
    readonly artifacts: Artifacts;
    readonly launcher: Launcher;
    readonly notifier: Notifier;
  },
  killer: Killer,
): typeof parts {
  const { workspaces, proving, artifacts, launcher, notifier } = parts;
  return {
    publishing: killingPublishing(parts.publishing, killer),
    proving: {
      ...proving,
      run: (...args) => around(killer, "run check", () => proving.run(...args)),
      seal: (...args) => around(killer, "seal receipt", () => proving.seal(...args)),
    },
    workspaces: {
      ...workspaces,
      open: (...args) => around(killer, "open workspace", () => workspaces.open(...args)),
      keep: (...args) => around(killer, "keep workspace", () => workspaces.keep(...args)),
    },
    artifacts: {
      ...artifacts,
      open: (...args) => around(killer, "open results", () => artifacts.open(...args)),
      write: (...args) => around(killer, "write results", () => artifacts.write(...args)),
    },
    launcher: {
      ...launcher,
      spawn: (spec) => {
        killer("launch", "before");
        const launched = launcher.spawn(spec);
        killer("launch", "during");
        // The agent is really there; nobody has recorded it yet.
        launched.child.prependOnceListener("spawn", () => killer("launch", "after"));
        return launched;
      },
      endLeftovers: (...args) =>
        around(killer, "end leftovers", () => launcher.endLeftovers(...args)),
    },
    notifier: {
      ...notifier,
      notify: (...args) => around(killer, "tell", () => notifier.notify(...args)),
    },
  };
}

/** The same ways out, told to the killer. */
export function killingPublishing(publishing: Publishing, killer: Killer): Publishing {
  const { branches } = publishing;
  return {
    ...publishing,
    forgeOf: async (project) => {
      const forge = await publishing.forgeOf(project);
      if (forge === null) return null;
      return {
        ...forge,
        findOrOpen: (...args) =>
          around(killer, "open pull request", () => forge.findOrOpen(...args)),
      };
    },
    branches: {
      ...branches,
      base: (...args) => around(killer, "find base", () => branches.base(...args)),
      fit: (...args) => around(killer, "fit on base", () => branches.fit(...args)),
      commit: (...args) => around(killer, "commit result", () => branches.commit(...args)),
      push: (...args) => around(killer, "push branch", () => branches.push(...args)),
      addThought: (...args) => around(killer, "add thought", () => branches.addThought(...args)),
      landLocally: (...args) => around(killer, "land locally", () => branches.landLocally(...args)),
    },
  };
}

function killingPart<Part extends object>(name: string, part: Part, killer: Killer): Part {
  const methods = Object.entries(part).map(([method, call]: [string, Call]) => [
    method,
    (...args: readonly unknown[]): Promise<unknown> => {
      const point = pointOfCall(name, method, args);
      return point === null ? call(...args) : around(killer, point, () => call(...args));
    },
  ]);
  return Object.fromEntries(methods) as Part;
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

async function around<T>(killer: Killer, point: KillPoint, call: () => Promise<T>): Promise<T> {
  killer(point, "before");
  const answer = call();
  killer(point, "during");
  const result = await answer;
  killer(point, "after");
  return result;
}
