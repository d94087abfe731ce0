import { isBranchMatch } from "../../../core/forge-text.ts";
import type { BranchRules, Forge } from "../../../ports/forge.ts";
import { makeRestClient } from "../http.ts";
import type { RestForgeOptions } from "../options.ts";
import { readFeedback } from "./feedback.ts";
import { closePull, commentOnce, findOrOpen, mergePull, readPull } from "./pulls.ts";
import { type Gitea, readRepository } from "./repository.ts";
import { BRANCH, PROTECTIONS } from "./shapes.ts";

/** One repository on Gitea or Forgejo, over their REST API of version 1. */
export function giteaForge(options: RestForgeOptions): Forge {
  const { owner, name } = options.repository;
  const gitea: Gitea = {
    client: makeRestClient("Gitea", `token ${options.token}`, options),
    at: `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`,
  };
  return {
    kind: "gitea",
    async credential(signal) {
      signal.throwIfAborted();
      // Any name will do before a token.
      const basic = Buffer.from(`sleepless:${options.token}`).toString("base64");
      return { authorization: `Basic ${basic}`, expiresAt: null };
    },
    defaultBranch: async (signal) => (await readRepository(gitea, signal)).default_branch,
    branchRules: (branch, signal) => branchRules(gitea, branch, signal),
    findOrOpen: (spec, signal) => findOrOpen(gitea, spec, signal),
    pullRequest: (number, signal) => readPull(gitea, number, signal),
    comment: (number, comment, signal) => commentOnce(gitea, number, comment, signal),
    merge: (number, ask, signal) => mergePull(gitea, number, ask, signal),
    close: (number, signal) => closePull(gitea, number, signal),
    feedback: (number, cursor, signal) => readFeedback(gitea, number, cursor, signal),
  };
}

async function branchRules(
  gitea: Gitea,
  branch: string,
  signal: AbortSignal,
): Promise<BranchRules> {
  const { client, at } = gitea;
  const { default_branch: main } = await readRepository(gitea, signal);
  const what = "show a branch";
  const known = await client.ask(BRANCH, {
    method: "GET",
    path: `${at}/branches/${branch.split("/").map(encodeURIComponent).join("/")}`,
    what,
    signal,
  });
  if (known.type === "refused" && known.status !== 404) throw client.fail(known, what);
  // Only administrators of the repository see them; the rest is told by the answer to a push.
  const protections = await client.ask(PROTECTIONS, {
    method: "GET",
    path: `${at}/branch_protections`,
    what: "show protected branches",
    signal,
  });
  const rules = (protections.type === "ok" ? protections.data : []).filter((rule) =>
    isBranchMatch(rule.rule_name ?? rule.branch_name ?? "", branch),
  );
  const isProtected = known.type === "ok" && known.data.protected;
  return {
    isProtected: branch === main || isProtected || rules.some((rule) => !rule.enable_push),
    needsSignatures: rules.some((rule) => rule.require_signed_commits),
    against: [],
  };
}
