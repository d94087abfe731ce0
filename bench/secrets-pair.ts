import type { ScannedText } from "../src/core/secrets/finding.ts";
import type { Surrounding } from "./secrets-surroundings.ts";
import type { Chance } from "./secrets-tokens.ts";

/** A text with a secret on a line, and the same without one. */
export interface Pair {
  readonly family: string;
  readonly positive: ScannedText;
  /** Line of the secret; null outside of files. */
  readonly line: number | null;
  readonly negative: ScannedText;
}

/** The same lines around two lines. */
export function inside(
  chance: Chance,
  family: string,
  { path, lines }: Pick<Surrounding, "path" | "lines">,
  secretLine: string,
  twinLine: string,
): Pair {
  const around = lines(chance);
  const at = chance.below(around.length + 1);
  const textWith = (line: string): ScannedText => ({
    where: { kind: "file", path },
    text: [...around.slice(0, at), line, ...around.slice(at)].join("\n"),
  });
  const [positive, negative] = [textWith(secretLine), textWith(twinLine)];
  return { family, positive, line: at + 1, negative };
}
