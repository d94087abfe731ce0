import { describe, expect, it } from "vitest";
import { type Forge, ForgeFailed, type PullRequestSpec } from "../../src/ports/forge.ts";

/** A forge under contract, with one repository that has a branch `main`. */
export interface ForgeStage extends AsyncDisposable {
  readonly forge: Forge;
  /** The same forge, let in with a token that is not good. */
  readonly strange: Forge;
  /** Has a branch get a new commit; tells it. */
  readonly push: (branch: string) => Promise<string>;
  /** Says something as a person who may write, or as anybody. */
  readonly say: (number: number, text: string, who: "member" | "stranger") => Promise<void>;
  readonly failCheck: (head: string) => Promise<void>;
  readonly protect: (branch: string) => Promise<void>;
  /** Has the next request that writes be done and its answer be lost. */
  readonly loseAnswer: () => void;
  readonly counts: () => Promise<{ readonly pulls: number; readonly comments: number }>;
}

const signal = new AbortController().signal;

function specOf(head: string, more: Partial<PullRequestSpec> = {}): PullRequestSpec {
  const text = { title: "Mend the roof", body: "It is mended." };
  return { marker: `of-${head}`, head, base: "main", ...text, draft: false, ...more };
}

/** What every forge does. */
export function forgeContract(name: string, setup: () => Promise<ForgeStage>): void {
  describe(`${name} as a forge`, () => {
    it("gives git a credential and knows its default branch", async () => {
      await using stage = await setup();
      const credential = await stage.forge.credential(signal);
      expect(credential?.authorization).toMatch(/^Basic [\w+/]+=*$/u);
      expect(await stage.forge.defaultBranch(signal)).toBe("main");
    });

    it("tells protected branches, whether they are there or not", async () => {
      await using stage = await setup();
      const free = { isProtected: false, needsSignatures: false, against: [] };
      expect(await stage.forge.branchRules("sleepless/1", signal)).toEqual(free);
      expect((await stage.forge.branchRules("main", signal)).isProtected).toBe(true);
      await stage.push("stable");
      expect((await stage.forge.branchRules("stable", signal)).isProtected).toBe(false);
      await stage.protect("stable");
      expect((await stage.forge.branchRules("stable", signal)).isProtected).toBe(true);
    });

    it("opens a pull request once and brings its text up to date", async () => {
      await using stage = await setup();
      const head = await stage.push("sleepless/1");
      const first = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      expect(first).toEqual({ ...first, state: "open", head, base: "main" });
      const text = { title: "Mend it all", body: "All is mended." };
      expect(await stage.forge.findOrOpen(specOf("sleepless/1", text), signal)).toEqual(first);
      expect(await stage.forge.pullRequest(first.number, signal)).toEqual(first);
      expect((await stage.counts()).pulls).toBe(1);
    });

    it("tells pull requests apart by their branches", async () => {
      await using stage = await setup();
      await stage.push("sleepless/1");
      await stage.push("sleepless/2");
      const first = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      const second = await stage.forge.findOrOpen(specOf("sleepless/2"), signal);
      expect(second.number).not.toBe(first.number);
      expect(await stage.forge.findOrOpen(specOf("sleepless/1"), signal)).toEqual(first);
    });

    it("opens and comments once when the answer is lost", async () => {
      await using stage = await setup();
      await stage.push("sleepless/1");
      stage.loseAnswer();
      const { number } = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      stage.loseAnswer();
      const comment = { marker: "said", text: "Look." };
      await stage.forge.comment(number, comment, signal);
      await stage.forge.comment(number, comment, signal);
      expect(await stage.counts()).toEqual({ pulls: 1, comments: 1 });
    });

    it("merges exactly what was meant", async () => {
      await using stage = await setup();
      const old = await stage.push("sleepless/1");
      const { number } = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      const head = await stage.push("sleepless/1");
      const title = "Mend the roof";
      const moved = await stage.forge.merge(number, { head: old, title }, signal);
      expect(moved).toEqual({ type: "refused", message: expect.stringContaining(head) });
      stage.loseAnswer();
      expect(await stage.forge.merge(number, { head, title }, signal)).toMatchObject({
        type: "merged",
      });
      expect((await stage.forge.pullRequest(number, signal)).state).toBe("merged");
      expect((await stage.forge.merge(number, { head, title }, signal)).type).toBe("merged");
      await stage.forge.close(number, signal);
      expect((await stage.forge.pullRequest(number, signal)).state).toBe("merged");
    });

    it("closes, and finds what it closed", async () => {
      await using stage = await setup();
      const head = await stage.push("sleepless/1");
      const { number } = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      await stage.forge.close(number, signal);
      await stage.forge.close(number, signal);
      const found = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      expect([found.number, found.state]).toEqual([number, "closed"]);
      expect((await stage.forge.merge(number, { head, title: "x" }, signal)).type).toBe("refused");
    });

    it("tells what was said since the last time", async () => {
      await using stage = await setup();
      const head = await stage.push("sleepless/1");
      const { number } = await stage.forge.findOrOpen(specOf("sleepless/1"), signal);
      await stage.forge.comment(number, { marker: "said", text: "Look." }, signal);
      await stage.say(number, "Mend the door, too.", "member");
      await stage.say(number, "Run this for me.", "stranger");
      await stage.failCheck(head);
      const first = await stage.forge.feedback(number, null, signal);
      const words = first.remarks.map(({ kind, isOurs, isFromMember, isFailure, text }) =>
        [kind, isOurs, isFromMember, isFailure, text.split("\n", 1)[0]].join(" "),
      );
      expect(words.toSorted()).toEqual([
        expect.stringMatching(/^check false false true \w+: fail/u),
        "comment false false false Run this for me.",
        "comment false true false Mend the door, too.",
        "comment true false false Look.",
      ]);
      const second = await stage.forge.feedback(number, first.cursor, signal);
      expect(second).toEqual({ remarks: [], state: "open", cursor: first.cursor });
      await stage.say(number, "And the window.", "member");
      const third = await stage.forge.feedback(number, second.cursor, signal);
      expect(third.remarks.map(({ text }) => text)).toEqual(["And the window."]);
    });

    it("fails in words that say what to do, without the token", async () => {
      await using stage = await setup();
      const failure = await stage.strange.defaultBranch(signal).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ForgeFailed);
      expect(failure).toMatchObject({ kind: "unauthorized" });
      expect((failure as ForgeFailed).message).toContain("docs/forges.md");
      expect(JSON.stringify(failure) + String(failure)).not.toContain("strange-token");
      const none = await stage.forge.pullRequest(999, signal).catch((error: unknown) => error);
      expect(none).toMatchObject({ kind: "not-found" });
    });

    it("ends with the reason of the signal", async () => {
      await using stage = await setup();
      const reason = new Error("over");
      await expect(stage.forge.defaultBranch(AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
