/** Makes a function that puts `***` in the place of every secret in a path; null stays null. */
export function maskIn(secrets: ReadonlySet<string>): (path: string | null) => string | null {
  // Longest first: of two secrets that begin alike the longer one must win.
  const longestFirst = [...secrets].toSorted((a, b) => b.length - a.length);
  const masked = new Map<string, string>();
  return (path) => {
    if (path === null) return null;
    const known = masked.get(path);
    if (known !== undefined) return known;
    const made = longestFirst.reduce((text, secret) => text.replaceAll(secret, () => "***"), path);
    masked.set(path, made);
    return made;
  };
}
