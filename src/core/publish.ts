import type { Project } from "./project.ts";
import { isElsewhere } from "./project.ts";
import type { Verdict } from "./verdict.ts";

/** What becomes of results: `auto` opens a pull request where a forge is known, else makes a branch. */
export const PUBLISH_MODES = ["auto", "pull-request", "branch", "nothing"] as const;
export type PublishMode = (typeof PUBLISH_MODES)[number];

/** How a project's results leave. */
export interface PublishRules {
  readonly mode: PublishMode;
  /** See branch-name.ts. */
  readonly branchTemplate: string;
  /** See result-message.ts. */
  readonly messageTemplate: string;
  /** Whether commits are signed. */
  readonly signs: boolean;
}

/** What is done with one result. */
export interface PublishPlan {
  readonly pushes: boolean;
  readonly opens: boolean;
  /** Why it goes no further, for a person; null when it goes all the way. */
  readonly because: string | null;
}

/** What a result is, as far as that decides where it goes. */
export interface PublishFacts {
  readonly mode: PublishMode;
  readonly project: Pick<Project, "location">;
  readonly hasForge: boolean;
  /** The branch that it is meant for; null for none. */
  readonly base: string | null;
  readonly verdict: Verdict;
}

/** Decides what leaves. A refuted result never does: a person decides about it first. */
export function publishPlan({ mode, project, hasForge, base, verdict }: PublishFacts): PublishPlan {
  const stays = (because: string): PublishPlan => ({ pushes: false, opens: false, because });
  if (verdict === "refuted") return stays("It is refuted: look at it and decide.");
  if (mode === "nothing") return stays("The settings say that results stay here.");
  if (base === null) return stays("The project has no branch that it could go to.");
  if (mode === "branch" || !isElsewhere(project))
    return { pushes: true, opens: false, because: null };
  if (hasForge) return { pushes: true, opens: true, because: null };
  const because = mode === "auto" ? null : "No forge is set for its host; see `forges`.";
  return { pushes: true, opens: false, because };
}
