import type { ProcessIdentity } from "../core/attempt.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Machine } from "../ports/machine.ts";

/** A machine whose processes live and die as a test says. */
export interface FakeMachine extends Machine {
  /** Declares every process but our own dead. */
  readonly killOthers: () => void;
}

/** Makes a machine with plenty of everything. */
export function fakeMachine(pid = 1000): FakeMachine {
  const self: ProcessIdentity = { pid, startTicks: pid, bootId: "boot" };
  let othersLive = true;
  return {
    host: "night",
    self,
    killOthers: () => {
      othersLive = false;
    },
    isAlive: async (identity) => identity.pid === pid || othersLive,
    memoryFreeBytes: async () => 8 * 1024 ** 3,
    diskFreeBytes: async () => 100 * 1024 ** 3,
    loadPerProcessor: async () => 0.1,
    battery: async () => null,
    treeMemoryBytes: async () => null,
  };
}

/** A launcher that starts nothing and remembers whose leftovers it was asked to end. */
export interface FakeLauncher extends Launcher {
  readonly ended: readonly string[];
  /** What `endLeftovers` answers from now on. */
  readonly leftoversDie: (die: boolean) => void;
}

/** Makes a launcher for tests of the rescuer. */
export function fakeLauncher(): FakeLauncher {
  const ended: string[] = [];
  let die = true;
  return {
    ended,
    leftoversDie: (next) => {
      die = next;
    },
    spawn: () => {
      throw new Error("The fake launcher starts nothing");
    },
    endLeftovers: async (mark) => {
      ended.push(mark);
      return die;
    },
    describe: () => ({ pidNamespace: false, detail: "fake" }),
  };
}
