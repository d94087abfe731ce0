/** One thing that is wrong with the configuration. */
export interface Problem {
  /** Where: `config.yaml:12`, `environment SLEEPLESS__LOG__LEVEL` or `flag`. */
  readonly origin: string;
  /** The dotted key; empty when no single setting is meant. */
  readonly key: string;
  readonly message: string;
}

/** The problem as one line for a person, with nothing in it that could move a terminal's cursor. */
export function problemLine(problem: Problem): string {
  const parts = [problem.origin, problem.key, problem.message].filter((part) => part !== "");
  return parts.join(": ").replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}
