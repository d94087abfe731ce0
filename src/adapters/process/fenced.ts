import type { RunEvent } from "../../ports/executor.ts";
import type { Confinement, LaunchSpec, OverLimit } from "../../ports/launcher.ts";

/** The part of a launch that fences it in and tells of what was refused; nothing without a fence. */
export function fenced(
  confinement: Confinement | undefined,
  tell: (event: RunEvent) => void,
  onOverLimit: (what: OverLimit) => void,
): Pick<LaunchSpec, "confinement" | "onDenied" | "onOverLimit"> {
  if (confinement === undefined) return {};
  return {
    confinement,
    onDenied: ({ host, port, reason }) =>
      tell({ type: "denied", tool: "network", detail: `${host}:${port}: ${reason}` }),
    onOverLimit: (what) => {
      tell({ type: "denied", tool: what, detail: "it took more than it may, and was ended" });
      onOverLimit(what);
    },
  };
}
