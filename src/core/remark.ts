import type { Instant } from "./task.ts";

/** What somebody or something said about a pull request. */
export interface Remark {
  /** Unique on the forge; the same remark never has two. */
  readonly id: string;
  readonly kind: "comment" | "review" | "check";
  readonly author: string;
  /** True for remarks of this program. */
  readonly isOurs: boolean;
  /** True for a person who may write to the repository: the words of anybody else are not for an agent. */
  readonly isFromMember: boolean;
  /** True for a check that did not succeed and for a review that asks for changes. */
  readonly isFailure: boolean;
  /** For a check: its name and what came of it. */
  readonly text: string;
  /** File and line that it is about; null for the whole. */
  readonly place: string | null;
  readonly url: string | null;
  readonly at: Instant;
}
