import type { ProcessIdentity } from "../core/attempt.ts";

/** Facts of this machine; null is unknown. */
export interface Machine {
  readonly host: string;
  /** This process. */
  readonly self: ProcessIdentity;
  /** True while exactly that process lives on this machine. */
  readonly isAlive: (identity: ProcessIdentity) => Promise<boolean>;
  readonly memoryFreeBytes: () => Promise<number | null>;
  readonly diskFreeBytes: () => Promise<number | null>;
}
