import type { ProcessIdentity } from "../core/attempt.ts";
import type { Battery } from "../core/hold.ts";

/** Facts of this machine; null is unknown. */
export interface Machine {
  readonly host: string;
  /** This process. */
  readonly self: ProcessIdentity;
  /** True while exactly that process lives on this machine. */
  readonly isAlive: (identity: ProcessIdentity) => Promise<boolean>;
  readonly memoryFreeBytes: () => Promise<number | null>;
  readonly diskFreeBytes: () => Promise<number | null>;
  /** Load of the last minute, divided by the number of processors. */
  readonly loadPerProcessor: () => Promise<number | null>;
  /** Null also where there is none. */
  readonly battery: () => Promise<Battery | null>;
  /** Memory of a process and its living descendants, a little too much where pages are shared. */
  readonly treeMemoryBytes: (identity: ProcessIdentity) => Promise<number | null>;
}
