import type { OpenSockets } from "./open-sockets.ts";
import type { EgressLimits } from "./limits.ts";
import type { Denial } from "../../../ports/launcher.ts";
import type { EgressOptions } from "./options.ts";

/** What the parts of one egress share. */
export interface EgressContext {
  readonly options: EgressOptions;
  readonly limits: EgressLimits;
  readonly deny: (denial: Denial) => void;
  readonly track: OpenSockets["track"];
}
