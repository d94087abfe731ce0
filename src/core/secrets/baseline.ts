/** Where a repository says, on its base branch, which findings are none. */
export const BASELINE_PATH = ".sleepless-secrets.baseline";

/** The fingerprints of a baseline file: the first word of each line; `#` begins a remark. */
export function readBaseline(text: string | null): ReadonlySet<string> {
  const words = (text ?? "").split("\n").map((line) => line.replace(/#.*/su, "").trim());
  return new Set(
    words.map((line) => line.split(/\s/u, 1)[0] as string).filter((word) => word !== ""),
  );
}
