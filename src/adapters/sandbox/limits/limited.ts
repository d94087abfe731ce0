import type { Confinement } from "../../../ports/launcher.ts";
import type { Wrapper } from "../../process/wrapper.ts";
import type { Group, Groups } from "./cgroups.ts";
import { keepLimits } from "./keep-limits.ts";
import type { Measure } from "./measure.ts";
import { limitWords } from "./limit-words.ts";

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
      const keeper = keepLimits({ ...parts, spec, confinement, group });
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
  const files = group?.files ?? [];
  return [
    ...(files.length === 0 ? [] : ["/bin/sh", "-c", JOIN, "sh", String(files.length), ...files]),
    ...(prlimit === null ? [] : limitWords(limits, groups, prlimit)),
  ];
}

/** Arguments: how many files there are, those, and then what to become. */
const JOIN = `
left=$1
shift
while [ $left -gt 0 ]; do
  echo 0 >"$1" || exit 96
  shift
  left=$((left - 1))
done
exec "$@"
`;
