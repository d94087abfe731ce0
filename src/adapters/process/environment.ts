/** Taken over from the daemon's own environment when they are set there. */
const BASE_NAMES = ["PATH", "HOME", "LANG", "TMPDIR"] as const;

/**
 * The complete environment of an agent: PATH, HOME, LANG, TMPDIR and TERM=dumb, and of everything
 * else in `source` only the variables in `names`. Unset ones stay unset.
 */
export function cleanEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  names: readonly string[] = [],
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "C.UTF-8",
  };
  for (const name of [...BASE_NAMES, ...names]) {
    const value = source[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, TERM: "dumb" };
}
