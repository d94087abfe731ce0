import { parseProjectFile } from "../config/project-file.ts";
import { projectOf, type Settings } from "../config/settings.ts";
import type { Check } from "../core/check.ts";
import { PROTECTED_PATHS, withProtected } from "../core/protected-paths.ts";
import type { Proving } from "../ports/proof.ts";

/**
 * By what a project is proven: the checks that a person gave it, then those of the reviewed file on its
 * base branch that have other names; what is protected by default, by the settings and by that file.
 */
export function proofRules(settings: Pick<Settings, "projects">): Proving["rulesFor"] {
  return ({ name, checks }, text) => {
    const ofSettings = projectOf(settings, name).protected;
    const file = text === null ? null : parseProjectFile(text);
    if (file === null || !file.ok) {
      const protectedPaths = withProtected(PROTECTED_PATHS, [ofSettings]);
      return { checks, protectedPaths, doubts: file === null ? [] : [file.message] };
    }
    const names = new Set(checks.map((check) => check.name));
    const more = file.value.checks.filter((check: Check) => !names.has(check.name));
    return {
      checks: [...checks, ...more],
      protectedPaths: withProtected(PROTECTED_PATHS, [ofSettings, file.value.protected]),
      doubts: [],
    };
  };
}
