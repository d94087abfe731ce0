/** `block`: nothing leaves before somebody decides. `warn`: told beside the result. */
export type SecretSeverity = "block" | "warn";

/** Where a text stands that is looked through. */
export type TextPlace =
  /** `line` is the number of the text's first line; absent for 1. */
  | { readonly kind: "file"; readonly path: string; readonly line?: number }
  /** The text is the path itself. */
  | { readonly kind: "file-name" }
  | { readonly kind: "message" }
  | { readonly kind: "pull-request" };

/** A text that is about to leave. */
export interface ScannedText {
  readonly where: TextPlace;
  readonly text: string;
  /** Numbers of the lines that are new; a finding touches one of them. Absent: all are. */
  readonly added?: ReadonlySet<number>;
}

/** What looks like a secret, or is one. Never holds the secret or a part of it. */
export interface SecretFinding {
  /** Name of the rule, such as `github-token`. */
  readonly rule: string;
  /** What it is, for a person: `GitHub token`. */
  readonly title: string;
  readonly severity: SecretSeverity;
  readonly kind: TextPlace["kind"];
  /** Path of the file, secrets in it masked; null for messages and pull requests. */
  readonly path: string | null;
  /** Null where lines have no meaning. */
  readonly line: number | null;
  /** The same for the same secret of the same rule in the same file, on whatever line. */
  readonly fingerprint: string;
  /** What stands before the secret, and its length. */
  readonly preview: string;
  /** Who says that it may leave; null for nobody. */
  readonly allowedBy: "comment" | "baseline" | null;
}

/** What was found, by what follows from it. */
export interface SecretFindings {
  readonly blocking: readonly SecretFinding[];
  /** Told and not held; a blocking one that a comment allows is here, because an agent can write comments. */
  readonly warnings: readonly SecretFinding[];
  readonly allowed: readonly SecretFinding[];
}
