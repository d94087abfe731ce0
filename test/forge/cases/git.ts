import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Case } from "../case.ts";
import { BAD_CREDENTIALS, noSecretIn } from "../faults.ts";
import { GIT_ENV } from "../git-server.ts";
import { allBytesBelow, runGit, specFor, type Stage, type World } from "../stage.ts";

const signal = new AbortController().signal;
const BRANCH = "sleepless/1";

/** Git over HTTP with the credential of the forge. */
export const GIT_CASES: readonly Case[] = [
  {
    name: "an installation token clones, pushes and opens, and stands in no argument, file or log",
    async play(stage, world) {
      const { url, bridge } = stage.openGit();
      const { authorization } = await credentialOf(stage);
      const token = tokenOf(authorization);
      const mirror = join(world.folder, `${stage.name}-mirror`);
      const clone = await runGit(["clone", "--mirror", url, mirror], url, authorization);
      assert.equal(clone.code, 0, clone.output);
      const commit = commitOn(mirror, BRANCH);
      const push = await runGit(["-C", mirror, "push", url, BRANCH], url, authorization);
      assert.equal(push.code, 0, push.output);
      assert.equal(await bridge(BRANCH), commit);

      const pull = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      assert.deepEqual({ ...pull, url: "" }, { ...opened(commit), url: "" });
      const lines = [...clone.commandLines, ...push.commandLines];
      assert.ok(lines.some((line) => line.includes("clone\0--mirror")));
      const encoded = authorization.replace("Basic ", "");
      for (const secret of [token, encoded]) {
        assert.ok(!lines.some((line) => line.includes(secret)));
        assert.ok(!allBytesBelow(mirror).includes(secret));
        assert.ok(!`${clone.output}${push.output}`.includes(secret));
      }
      noSecretIn(stage, `${clone.output}${push.output}`);
    },
  },
  {
    name: "without a credential, or with one that is made up, git is not let in",
    async play(stage, world) {
      const { url } = stage.openGit();
      const clone = await runGit(["clone", url, join(world.folder, `${stage.name}-c`)], url, null);
      assert.equal(clone.code, 128, clone.output);
      const made = `Basic ${Buffer.from("x-access-token:ghs_made_up").toString("base64")}`;
      const again = await runGit(["clone", url, join(world.folder, `${stage.name}-d`)], url, made);
      assert.equal(again.code, 128, again.output);
    },
  },
  {
    name: "a push to a protected branch is refused, as the rules foretold",
    async play(stage, world) {
      const { url, path } = stage.openGit();
      configure(path, "sle.protected", "main");
      const before = headOf(path, "main");
      const push = await pushed(stage, world, url, "main");
      assert.equal(push.code, 1, push.output);
      assert.match(push.output, /GH006: Protected branch update failed for refs\/heads\/main/u);
      assert.equal(headOf(path, "main"), before);
      assert.equal((await stage.forge.branchRules("main", signal)).isProtected, true);
      assert.equal((await stage.forge.branchRules(BRANCH, signal)).isProtected, false);
    },
  },
  {
    name: "a push against a rule is refused with the words of the rule",
    async play(stage, world) {
      const { url, path } = stage.openGit();
      configure(path, "sle.ruled", BRANCH);
      const push = await pushed(stage, world, url, BRANCH);
      assert.equal(push.code, 1, push.output);
      assert.match(push.output, /GH013[\s\S]*verified signatures/u);
    },
  },
  {
    name: "a token that ends in the middle of a task is replaced",
    async play(stage, world) {
      const { url, bridge } = stage.openGit();
      const first = await credentialOf(stage);
      const mirror = join(world.folder, `${stage.name}-mirror`);
      await runGit(["clone", "--mirror", url, mirror], url, first.authorization);
      commitOn(mirror, BRANCH);
      world.ended.add(tokenOf(first.authorization));
      stage.proxy.fault = ({ token }) => (world.ended.has(token) ? BAD_CREDENTIALS : null);
      const push = ["-C", mirror, "push", url, BRANCH];
      assert.equal((await runGit(push, url, first.authorization)).code, 128);

      const second = await stage.forge.credential(signal, first);
      assert.ok(second && second.authorization !== first.authorization);
      assert.deepEqual(await stage.forge.credential(signal, first), second);
      const again = await runGit(push, url, second.authorization);
      assert.equal(again.code, 0, again.output);
      await bridge(BRANCH);
      await stage.forge.findOrOpen(specFor(BRANCH), signal);
      assert.equal((await stage.pulls()).length, 1);
    },
  },
  {
    name: "a token is kept until five minutes before its end",
    async play(stage) {
      let now = Date.now();
      const forge = stage.forgeAs(stage.appAuth, { now: () => now });
      const first = await forge.credential(signal);
      assert.ok(first?.expiresAt);
      now = first.expiresAt - 5 * 60_000 - 1;
      assert.deepEqual(await forge.credential(signal), first);
      now += 1;
      const second = await forge.credential(signal);
      assert.notEqual(second?.authorization, first.authorization);
    },
  },
];

async function pushed(stage: Stage, world: World, url: string, branch: string) {
  const { authorization } = await credentialOf(stage);
  const mirror = join(world.folder, `${stage.name}-mirror`);
  await runGit(["clone", "--mirror", url, mirror], url, authorization);
  commitOn(mirror, branch);
  return runGit(["-C", mirror, "push", url, branch], url, authorization);
}

async function credentialOf({ forge }: Stage) {
  const credential = await forge.credential(signal);
  assert.ok(credential);
  return credential;
}

function tokenOf(authorization: string): string {
  const text = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
  assert.match(text, /^x-access-token:ghs_/u);
  return text.replace("x-access-token:", "");
}

function opened(head: string) {
  return { number: 1, url: "", state: "open", head, base: "main" } as const;
}

function commitOn(path: string, branch: string): string {
  const commit = gitIn(path, "commit-tree", "-p", "main", "-m", "work", "main^{tree}");
  gitIn(path, "update-ref", `refs/heads/${branch}`, commit);
  return commit;
}

function headOf(path: string, branch: string): string {
  return gitIn(path, "rev-parse", `refs/heads/${branch}`);
}

function configure(path: string, name: string, value: string): void {
  gitIn(path, "config", name, value);
}

function gitIn(path: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", path, ...args], { encoding: "utf8", env: GIT_ENV }).trim();
}
