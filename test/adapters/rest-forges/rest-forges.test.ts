import { describe, expect, it } from "vitest";
import { giteaForge } from "../../../src/adapters/rest-forges/gitea/gitea-forge.ts";
import { gitLabForge } from "../../../src/adapters/rest-forges/gitlab/gitlab-forge.ts";
import type { RestForgeOptions } from "../../../src/adapters/rest-forges/options.ts";
import type { Forge } from "../../../src/ports/forge.ts";
import { silentLog } from "../../../src/testing/silent-log.ts";
import { forgeContract, type ForgeStage } from "../../contract/forge.ts";
import {
  type Call,
  type Double,
  type Memory,
  newCommit,
  newMemory,
  openDouble,
  type Reply,
  TOKEN,
} from "./double.ts";
import { answerAsGitea } from "./gitea-double.ts";
import { answerAsGitLab } from "./gitlab-double.ts";

interface RestStage extends ForgeStage {
  readonly double: Double;
  readonly memory: Memory;
}

async function setup(
  answerAs: (memory: Memory) => (call: Call) => Reply | null,
  forgeOf: (options: RestForgeOptions) => Forge,
  owner: string,
): Promise<RestStage> {
  const memory = newMemory();
  const double = await openDouble(answerAs(memory));
  const forge = (token: string): Forge =>
    forgeOf({
      repository: { owner, name: "hello" },
      apiUrl: double.url,
      token,
      now: () => 0,
      log: silentLog(),
    });
  return {
    double,
    memory,
    forge: forge(TOKEN),
    strange: forge("strange-token"),
    async push(branch) {
      const commit = newCommit();
      memory.branches.set(branch, commit);
      return commit;
    },
    async say(pull, body, who) {
      const author = who === "member" ? "ada" : "stranger";
      memory.said.push({ id: memory.said.length + 1, pull, author, body });
    },
    async failCheck(head) {
      memory.failed.push(head);
    },
    async protect(branch) {
      memory.protectedBranches.push(branch);
    },
    loseAnswer() {
      double.spoil = 1;
    },
    counts: async () => ({
      pulls: memory.pulls.length,
      comments: memory.said.filter(({ author }) => author === "me").length,
    }),
    [Symbol.asyncDispose]: () => double.close(),
  };
}

const gitLab = (): Promise<RestStage> => setup(answerAsGitLab, gitLabForge, "octo/group");
const gitea = (): Promise<RestStage> => setup(answerAsGitea, giteaForge, "octo");

forgeContract("GitLab", gitLab);
forgeContract("Gitea", gitea);

const signal = new AbortController().signal;
const SPEC = {
  marker: "task-1",
  head: "sleepless/1",
  base: "main",
  title: "WIP: Mend the roof",
  body: "It is mended.",
  draft: false,
};

describe("what these forges do in their own way", () => {
  it("a draft has it in its title, and nothing else makes one", async () => {
    for (const [make, word] of [
      [gitLab, "Draft: "],
      [gitea, "WIP: "],
    ] as const) {
      await using stage = await make();
      await stage.push("sleepless/1");
      await stage.forge.findOrOpen(SPEC, signal);
      expect(stage.memory.pulls[0]?.title).toBe("Mend the roof");
      await stage.forge.findOrOpen({ ...SPEC, draft: true }, signal);
      expect(stage.memory.pulls[0]?.title).toBe(`${word}Mend the roof`);
    }
  });

  it("GitLab protects branches by patterns", async () => {
    await using stage = await gitLab();
    expect((await stage.forge.branchRules("release/1", signal)).isProtected).toBe(true);
  });

  it("git is let in under the name that each asks for", async () => {
    for (const [make, name] of [
      [gitLab, "oauth2"],
      [gitea, "sleepless"],
    ] as const) {
      await using stage = await make();
      const credential = await stage.forge.credential(signal);
      const basic = Buffer.from(`${name}:${TOKEN}`).toString("base64");
      expect(credential).toEqual({ authorization: `Basic ${basic}`, expiresAt: null });
    }
  });
});

describe("what goes wrong", () => {
  async function fails(reply: Reply): Promise<unknown> {
    await using stage = await setup(() => () => reply, gitLabForge, "octo/group");
    return await stage.forge.defaultBranch(signal).catch((error: unknown) => error);
  }

  it.each([
    [429, { "retry-after": "3600" }, { kind: "limited", retryAt: 3_600_000 }],
    [429, { "ratelimit-reset": "7200" }, { kind: "limited", retryAt: 7_200_000 }],
    [403, {}, { kind: "forbidden", retryAt: null }],
    [404, {}, { kind: "not-found", retryAt: null }],
    [409, {}, { kind: "refused", retryAt: null }],
    [200, {}, { kind: "unreachable", retryAt: null }],
  ] as const)("%i with %o", async (status, headers, failure) => {
    expect(await fails({ status, headers, body: { message: "no" } })).toMatchObject(failure);
  });

  it("an error of the server is tried again, and a short limit waited for", async () => {
    const replies: Reply[] = [
      { status: 502, body: { message: "no" } },
      { status: 429, headers: { "retry-after": "1" }, body: { message: "no" } },
      { status: 200, body: { default_branch: "trunk" } },
    ];
    await using stage = await setup(() => () => replies.shift() ?? null, gitLabForge, "octo/group");
    expect(await stage.forge.defaultBranch(signal)).toBe("trunk");
  });

  it("a wait ends with the signal", async () => {
    const ending = new AbortController();
    const reason = new Error("over");
    const answer = (): Reply => {
      setImmediate(() => ending.abort(reason));
      return { status: 429, headers: { "retry-after": "50" }, body: {} };
    };
    await using stage = await setup(() => answer, giteaForge, "octo");
    await expect(stage.forge.defaultBranch(ending.signal)).rejects.toBe(reason);
  });
});
