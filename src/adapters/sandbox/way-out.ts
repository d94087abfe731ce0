import { chownSync } from "node:fs";
import type { Confinement, LaunchSpec } from "../../ports/launcher.ts";
import { openEgress } from "./egress/egress.ts";
import type { RunFolder } from "./run-folder.ts";
import { TASK_UID } from "./stage.ts";

/** The one way out of a fence: a socket on the host behind which the rules of a tree are kept. */
export interface WayOut {
  readonly socket: string;
  readonly close: () => void;
}

/** Null when nothing may be reached: then there is nobody to ask either. */
export function openWayOut(
  parts: {
    readonly run: RunFolder;
    readonly isRoot: boolean;
    readonly privateAllowed: readonly string[];
  },
  spec: LaunchSpec,
  { hosts, virtualHosts }: Confinement,
): WayOut | null {
  if (hosts.length + virtualHosts.length === 0) return null;
  const egress = openEgress({
    rules: { allow: hosts, virtual: virtualHosts },
    onDenied: (denial) => spec.onDenied?.(denial),
    privateAllowed: parts.privateAllowed,
  });
  const socket = parts.run.freshPath();
  // Bound before this returns; only what is told of it comes later.
  void egress.listen(socket).catch(() => egress[Symbol.asyncDispose]());
  if (parts.isRoot) chownSync(socket, TASK_UID, TASK_UID);
  return { socket, close: () => void egress[Symbol.asyncDispose]() };
}
