import type { Forge } from "../../ports/forge.ts";
import { makeClient } from "./client.ts";
import { commentOnce } from "./comments.ts";
import { readFeedback } from "./feedback.ts";
import type { GitHubForgeOptions } from "./options.ts";
import { closePull, findOrOpen, mergePull, readPull } from "./pulls.ts";
import { branchRules } from "./rules.ts";

/** The name under which git comes with a token of any kind. */
const GIT_USER = "x-access-token";

/** One repository on GitHub, over Octokit, which is loaded when it is first asked. */
export function gitHubForge(options: GitHubForgeOptions): Forge {
  const client = makeClient(options);
  const reader = { client, isShared: options.auth.type === "token", log: options.log };
  return {
    kind: "github",
    async credential(signal, refused) {
      const { value, expiresAt } = await client.token(signal, tokenOf(refused?.authorization));
      const basic = Buffer.from(`${GIT_USER}:${value}`).toString("base64");
      return { authorization: `Basic ${basic}`, expiresAt };
    },
    defaultBranch: async (signal) => (await client.repository(signal)).default_branch,
    branchRules: (branch, signal) => branchRules(client, branch, signal),
    findOrOpen: (spec, signal) => findOrOpen(client, spec, signal),
    pullRequest: (number, signal) => readPull(client, number, signal),
    comment: (number, comment, signal) => commentOnce(client, number, comment, signal),
    merge: (number, ask, signal) => mergePull(client, number, ask, signal),
    close: (number, signal) => closePull(client, number, signal),
    feedback: (number, cursor, signal) => readFeedback(reader, number, cursor, signal),
  };
}

function tokenOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const text = Buffer.from(authorization.replace(/^Basic /u, ""), "base64").toString();
  return text.startsWith(`${GIT_USER}:`) ? text.slice(GIT_USER.length + 1) : null;
}
