import type { Confinement, LaunchSpec, OverLimit } from "../../../ports/launcher.ts";
import type { StartedTree } from "../../process/wrapper.ts";
import type { Group, Groups } from "./cgroups.ts";
import type { Measure } from "./measure.ts";
import { watchLimits } from "./watch.ts";

/** What must be called when a tree has started and when it has ended. */
export interface LimitKeeper {
  readonly onStart: (tree: StartedTree) => void;
  readonly onEnd: () => void;
}

/** Ends a tree that takes more than it may, tells that once, and removes its group in the end. */
export function keepLimits(parts: {
  readonly spec: LaunchSpec;
  readonly confinement: Confinement;
  readonly groups: Pick<Groups, "can"> | null;
  readonly group: Group | null;
  readonly measure: Measure;
}): LimitKeeper {
  const { spec, confinement, groups, group, measure } = parts;
  const isCounted = groups?.can.includes("memory") ?? false;
  const isOutOfMemory = (): boolean => (group?.endedForMemory() ?? 0) > 0;
  let isTold = false;
  let stopWatching = (): void => {};
  const tell = (what: OverLimit): void => {
    if (isTold) return;
    isTold = true;
    spec.onOverLimit?.(what);
  };
  return {
    onStart: ({ members, end }) => {
      const onOver = (what: OverLimit): void => {
        tell(what);
        end();
      };
      stopWatching = watchLimits({
        confinement,
        measure,
        members,
        isOutOfMemory: isCounted ? isOutOfMemory : null,
        onOver,
      });
    },
    onEnd: () => {
      stopWatching();
      if (isOutOfMemory()) tell("memory");
      void group?.remove();
    },
  };
}
