import { isBranchMatch } from "../../../core/forge-text.ts";
import type { BranchRules, Forge } from "../../../ports/forge.ts";
import { makeRestClient } from "../http.ts";
import type { RestForgeOptions } from "../options.ts";
import { readFeedback } from "./feedback.ts";
import {
  closeMergeRequest,
  commentOnce,
  findOrOpen,
  mergeMergeRequest,
  readMergeRequest,
} from "./merge-requests.ts";
import type { GitLab } from "./project.ts";
import { PROJECT, PROTECTED_BRANCHES, PUSH_RULE } from "./shapes.ts";

/** One repository on GitLab, over its REST API of version 4. */
export function gitLabForge(options: RestForgeOptions): Forge {
  const { owner, name } = options.repository;
  const gitLab: GitLab = {
    client: makeRestClient("GitLab", `Bearer ${options.token}`, options),
    project: `/projects/${encodeURIComponent(`${owner}/${name}`)}`,
    log: options.log,
  };
  return {
    kind: "gitlab",
    async credential(signal) {
      signal.throwIfAborted();
      const basic = Buffer.from(`oauth2:${options.token}`).toString("base64");
      return { authorization: `Basic ${basic}`, expiresAt: null };
    },
    defaultBranch: (signal) => defaultBranch(gitLab, signal),
    branchRules: (branch, signal) => branchRules(gitLab, branch, signal),
    findOrOpen: (spec, signal) => findOrOpen(gitLab, spec, signal),
    pullRequest: (number, signal) => readMergeRequest(gitLab, number, signal),
    comment: (number, comment, signal) => commentOnce(gitLab, number, comment, signal),
    merge: (number, ask, signal) => mergeMergeRequest(gitLab, number, ask, signal),
    close: (number, signal) => closeMergeRequest(gitLab, number, signal),
    feedback: (number, cursor, signal) => readFeedback(gitLab, number, cursor, signal),
  };
}

async function defaultBranch({ client, project }: GitLab, signal: AbortSignal): Promise<string> {
  const what = "show the project";
  const asked = { method: "GET", path: project, what, signal } as const;
  return (await client.must(PROJECT, asked)).default_branch;
}

async function branchRules(
  gitLab: GitLab,
  branch: string,
  signal: AbortSignal,
): Promise<BranchRules> {
  const { client, project } = gitLab;
  const what = "show protected branches";
  const main = await defaultBranch(gitLab, signal);
  const protectedBranches = await client.ask(PROTECTED_BRANCHES, {
    method: "GET",
    path: `${project}/protected_branches`,
    query: { per_page: "100" },
    what,
    signal,
  });
  if (protectedBranches.type === "refused" && ![403, 404].includes(protectedBranches.status)) {
    throw client.fail(protectedBranches, what);
  }
  const names = protectedBranches.type === "ok" ? protectedBranches.data : [];
  // Only paid plans have rules for pushes, and only maintainers see them.
  const rule = await client.ask(PUSH_RULE, {
    method: "GET",
    path: `${project}/push_rule`,
    what: "show the rules for pushes",
    signal,
  });
  return {
    isProtected: branch === main || names.some(({ name }) => isBranchMatch(name, branch)),
    needsSignatures: rule.type === "ok" && rule.data.reject_unsigned_commits,
    against: [],
  };
}
