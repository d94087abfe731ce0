import type { Forge } from "../../ports/forge.ts";
import { makeClient } from "./client.ts";
import { commentOnce } from "./comments.ts";
import { readFeedback } from "./feedback.ts";
import type { GitHubForgeOptions } from "./options.ts";
import { closePull, findOrOpen, mergePull, readPull } from "./pulls.ts";
import { branchRules } from "./rules.ts";

/** One repository on GitHub, over Octokit, which is loaded when it is first asked. */
export function gitHubForge(options: GitHubForgeOptions): Forge {
  const client = makeClient(options);
  const reader = { client, isShared: options.auth.type === "token", log: options.log };
  return {
    kind: "github",
    async credential(signal) {
      const { value, expiresAt } = await client.token(signal);
      const basic = Buffer.from(`x-access-token:${value}`).toString("base64");
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
