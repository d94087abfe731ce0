import type { BranchRules } from "../../ports/forge.ts";
import type { GitHubClient } from "./client.ts";
import { BRANCH, RULES, type Rule } from "./shapes.ts";

/** Rules of which each has it that a branch is not written but through a pull request. */
const PROTECTING = new Set(["pull_request", "merge_queue", "update"]);

/** What GitHub asks of a branch, by its rules and by the older protection of branches. */
export async function branchRules(
  client: GitHubClient,
  branch: string,
  signal: AbortSignal,
): Promise<BranchRules> {
  const { default_branch: defaultBranch } = await client.repository(signal);
  const rules = await rulesFor(client, branch, signal);
  const known = await branchOf(client, branch, signal);
  const isProtected =
    branch === defaultBranch ||
    known?.protected === true ||
    rules.some(({ type }) => PROTECTING.has(type));
  return {
    isProtected,
    needsSignatures: rules.some(({ type }) => type === "required_signatures"),
    against: rules.flatMap((rule) => objectionsOf(rule, branch, known !== null)),
  };
}

/** None when there are none to see: an older server has no rules at all. */
async function rulesFor(
  client: GitHubClient,
  branch: string,
  signal: AbortSignal,
): Promise<readonly Rule[]> {
  const what = "show the rules for a branch";
  const answer = await client.ask(RULES, {
    route: "GET /repos/{owner}/{repo}/rules/branches/{branch}",
    parameters: { branch, per_page: 100 },
    what,
    signal,
  });
  if (answer.type === "ok") return answer.data;
  if (answer.type === "refused" && answer.status !== 404) throw client.fail(answer, what);
  return [];
}

async function branchOf(
  client: GitHubClient,
  branch: string,
  signal: AbortSignal,
): Promise<{ readonly protected: boolean } | null> {
  const what = "show a branch";
  const answer = await client.ask(BRANCH, {
    route: "GET /repos/{owner}/{repo}/branches/{branch}",
    parameters: { branch },
    what,
    signal,
  });
  if (answer.type === "ok") return answer.data;
  if (answer.type === "refused" && answer.status !== 404) throw client.fail(answer, what);
  return null;
}

/** Only what is sure to stop a push; the rest is told by the answer to it. */
function objectionsOf({ type, parameters }: Rule, branch: string, isThere: boolean): string[] {
  if (type === "creation" && !isThere) return [`A rule forbids to make the branch ${branch}.`];
  if (type === "update" && isThere) return [`A rule forbids to change the branch ${branch}.`];
  if (type !== "branch_name_pattern") return [];
  if (parameters === null || parameters.pattern === null) return [];
  const { operator, pattern, negate } = parameters;
  const isMatch = matches(operator ?? "", pattern, branch);
  if (isMatch === null || isMatch !== negate) return [];
  const must = negate ? "must not" : "must";
  const how = (operator ?? "").replaceAll("_", " ").replace(/s(?= with$)|s$/u, "");
  return [`The name of the branch ${must} ${how} "${pattern}".`];
}

/** Null for what is not judged here: an expression of theirs could run for ever. */
function matches(operator: string, pattern: string, branch: string): boolean | null {
  switch (operator) {
    case "starts_with":
      return branch.startsWith(pattern);
    case "ends_with":
      return branch.endsWith(pattern);
    case "contains":
      return branch.includes(pattern);
    default:
      return null;
  }
}
