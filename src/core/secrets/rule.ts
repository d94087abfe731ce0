import { entropyBits } from "./entropy.ts";
import { literal } from "../literal.ts";
import type { SecretSeverity } from "./finding.ts";
import { isStandIn } from "./placeholders.ts";

/** A match of a rule's pattern, before it is judged. */
export interface Candidate {
  readonly secret: string;
  readonly groups: Readonly<Record<string, string | undefined>>;
  /** What stands before the match, at most 60 characters of it. */
  readonly before: string;
  /** What stands behind the match, at most 60 characters of it. */
  readonly after: string;
  /** Path of the file; null outside of files. */
  readonly path: string | null;
}

/** How one kind of secret is known. */
export interface SecretRule {
  readonly id: string;
  /** What it is, for a person. */
  readonly title: string;
  /**
   * What a match begins with: exact texts, or, where case means nothing, the beginnings that
   * `LOOSE_ANCHOR` of loose.ts looks for.
   */
  readonly anchors: readonly string[] | "loose";
  /** Sticky, tried where an anchor stands. Its groups `secret`, `quoted` or `bare` are the secret, behind what `front` looked back at. No repetition is unbounded. */
  readonly pattern: RegExp;
  /** How much it matters; null for no secret at all. */
  readonly judge: (candidate: Candidate) => SecretSeverity | null;
}

/** Not within a longer word; an escape such as `\n` or `%3D` before it is no part of one. */
const BEGIN = String.raw`(?<!(?<!\\)(?<!%[0-9A-Fa-f]?)[A-Za-z0-9])`;
const END = "(?![A-Za-z0-9])";
/** Bits for each character below which a token is a stand-in. */
const ENTROPY_MIN = 2.8;

/** A token whose shape tells it: one of the beginnings, separated by spaces, and then `body`. */
export function tokenRule(
  id: string,
  title: string,
  beginnings: string,
  body: string,
  severity: SecretSeverity = "block",
): SecretRule {
  const anchors = beginnings.split(" ");
  const begin = anchors.map((anchor) => literal(anchor)).join("|");
  return {
    id,
    title,
    anchors,
    pattern: new RegExp(`${BEGIN}(?<secret>(?:${begin})${body})${END}`, "y"),
    judge: ({ secret }) => (isLikelyToken(secret) ? severity : null),
  };
}

/** A token that is known by a text in its middle, of which `before` stands in front. */
export function middleRule(
  id: string,
  title: string,
  before: string,
  anchor: string,
  body: string,
): SecretRule {
  return {
    id,
    title,
    anchors: [anchor],
    pattern: new RegExp(
      `(?<=${BEGIN}(?<front>${before}))(?<secret>${literal(anchor)}${body})${END}`,
      "y",
    ),
    judge: ({ secret, groups }) => (isLikelyToken(`${groups["front"]}${secret}`) ? "block" : null),
  };
}

/** True for what chance could have made. */
export function isLikelyToken(secret: string): boolean {
  return entropyBits(secret) >= ENTROPY_MIN && !isStandIn(secret);
}
