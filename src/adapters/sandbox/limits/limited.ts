import type { Confinement } from "../../../ports/launcher.ts";
import type { Wrapper } from "../../process/wrapper.ts";
import type { Group, Groups } from "./cgroups.ts";
import { keepLimits } from "./keep-limits.ts";
import type { Measure } from "./measure.ts";
import { outerLimits } from "./outer-limits.ts";

/** What trees without a fence are limited with on this machine. */
export interface LimitedParts {
  readonly groups: Groups | null;
  readonly measure: Measure;
  /** Absolute path of util-linux's prlimit; null where there is none. */
  readonly prlimit: string | null;
}

/** The same trees, which may take no more of the machine than their confinement says. */
export function makeLimited(wrapper: Wrapper, parts: LimitedParts): Wrapper {
  return {
    ...wrapper,
    wrap: (spec) => {
      const wrapped = wrapper.wrap(spec);
      const { confinement } = spec;
      if (confinement === undefined) return wrapped;
      const group = parts.groups?.make(confinement.limits) ?? null;
      const keeper = keepLimits({ spec, confinement, group, measure: parts.measure });
      const before = wordsBefore(parts, confinement, group);
      const [command = "", ...args] = [...before, wrapped.command, ...wrapped.args];
      return { ...wrapped, ...keeper, command, args };
    },
  };
}

function wordsBefore(
  { groups, prlimit }: LimitedParts,
  { limits }: Confinement,
  group: Group | null,
): readonly string[] {
  return [
    ...(group?.before ?? []),
    ...(prlimit === null ? [] : [prlimit, ...outerLimits(limits, groups), "--"]),
  ];
}
