import assert from "node:assert/strict";
import type { Case } from "../case.ts";
import { good, OWNER } from "../emulated.ts";
import { specFor, type Stage } from "../stage.ts";

const signal = new AbortController().signal;
const BRANCH = "sleepless/1";

/** What stands in the way of a merge, and how feedback is read. */
export const MERGE_CASES: readonly Case[] = [
  {
    name: "a merge waits for required checks and then merges",
    async play(stage) {
      const { number, head } = await opened(stage);
      await good(
        stage.asOwner("PUT", `${stage.at}/branches/main/protection`, {
          required_status_checks: { strict: false, contexts: ["ci"] },
          enforce_admins: true,
          required_pull_request_reviews: null,
          restrictions: null,
        }),
      );
      const ask = { head, title: "Mend the roof" };
      const first = await stage.forge.merge(number, ask, signal);
      assert.deepEqual(first, {
        type: "refused",
        message:
          "GitHub refuses to merge a pull request: Required status checks have not succeeded.",
      });
      await addCheck(stage, head, "success");
      assert.equal((await stage.forge.merge(number, ask, signal)).type, "merged");
      assert.equal((await stage.forge.merge(number, ask, signal)).type, "merged");
    },
  },
  {
    name: "a merge waits for a required review",
    async play(stage) {
      const { number, head } = await opened(stage);
      await good(
        stage.asOwner("PUT", `${stage.at}/branches/main/protection`, {
          required_status_checks: null,
          enforce_admins: true,
          required_pull_request_reviews: { required_approving_review_count: 1 },
          restrictions: null,
        }),
      );
      const merged = await stage.forge.merge(number, { head, title: "Mend the roof" }, signal);
      assert.equal(merged.type, "refused");
      assert.equal((await stage.forge.branchRules("main", signal)).isProtected, true);
    },
  },
  {
    name: "a merge of a head that moved is refused",
    async play(stage) {
      const { number, head } = await opened(stage);
      const moved = await stage.pushAside(BRANCH);
      const ask = { head, title: "Mend the roof" };
      assert.deepEqual(await stage.forge.merge(number, ask, signal), {
        type: "refused",
        message: `The pull request ${number} has another head now, ${moved}; look at what was added.`,
      });
      assert.equal((await stage.forge.pullRequest(number, signal)).head, moved);
    },
  },
  {
    name: "a head that moves between the look and the merge is not merged",
    async play(stage) {
      const { number, head } = await opened(stage);
      let moving: Promise<unknown> = Promise.resolve();
      stage.proxy.fault = ({ method }) => {
        // The commit is unknown from here on, as after another push.
        if (method === "PUT") moving = stage.pushAside(BRANCH);
        return null;
      };
      const merged = await stage.forge.merge(number, { head, title: "Mend the roof" }, signal);
      await moving;
      assert.equal(merged.type, "refused");
      assert.equal((await stage.forge.pullRequest(number, signal)).state, "open");
    },
  },
  {
    name: "a closed pull request is found, not opened again and not merged",
    async play(stage) {
      const { number, head } = await opened(stage);
      await stage.forge.close(number, signal);
      const found = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      assert.deepEqual([found.number, found.state], [number, "closed"]);
      const merged = await stage.forge.merge(number, { head, title: "Mend the roof" }, signal);
      assert.equal(merged.type, "refused");
      assert.equal((await stage.pulls()).length, 1);
    },
  },
  {
    name: "the pull request of a person from the same branch is taken and left as it is",
    async play(stage) {
      await stage.pushAside(BRANCH);
      const theirs = await good(
        stage.asOwner("POST", `${stage.at}/pulls`, { title: "Mine", head: BRANCH, base: "main" }),
      );
      const found = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      assert.equal(found.number, theirs.number);
      const { data } = await stage.asOwner("GET", `${stage.at}/pulls/${theirs.number}`);
      assert.deepEqual([data.title, data.body], ["Mine", null]);
    },
  },
  {
    name: "feedback tells what is new once, and what is as it was costs nothing",
    async play(stage) {
      const { number, head } = await opened(stage);
      await stage.forge.comment(number, { marker: "said", text: "Look." }, signal);
      await say(stage, number, "Please mend the door, too.");
      await good(
        stage.asOwner("POST", `${stage.at}/pulls/${number}/reviews`, {
          body: "Not yet.",
          event: "REQUEST_CHANGES",
        }),
      );
      await addCheck(stage, head, "failure");
      stage.proxy.statuses.push(statusOf(7, "lint", "error"));
      const first = await stage.forge.feedback(number, null, signal);
      assert.deepEqual(
        first.remarks.map(({ kind, author, isOurs, isFromMember, isFailure, text }) => [
          [kind, author, isOurs, isFromMember, isFailure].join(" "),
          text.split("\n")[0],
        ]),
        [
          ["check lint false false true", "lint: error"],
          ["comment sleepless[bot] true false false", "Look."],
          [`comment ${OWNER} false true false`, "Please mend the door, too."],
          [`review ${OWNER} false true true`, "Changes requested."],
          ["check GitHub false false true", "ci: failure"],
        ],
      );

      stage.proxy.seen.length = 0;
      const second = await stage.forge.feedback(number, first.cursor, signal);
      assert.deepEqual(second, { remarks: [], state: "open", cursor: first.cursor });
      const statuses = stage.proxy.seen.map(({ path, status }) => `${status} ${path}`);
      assert.equal(statuses.length, 6);
      assert.ok(
        statuses.every((line) => line.startsWith("304 ")),
        statuses.join("\n"),
      );

      await say(stage, number, "And the window.");
      const third = await stage.forge.feedback(number, second.cursor, signal);
      assert.deepEqual(
        third.remarks.map(({ text }) => text),
        ["And the window."],
      );
    },
  },
  {
    name: "feedback begins anew with the checks of a new head, and tells the end",
    async play(stage) {
      const { number, head } = await opened(stage);
      await addCheck(stage, head, "success");
      const first = await stage.forge.feedback(number, null, signal);
      assert.deepEqual(
        first.remarks.map(({ isFailure }) => isFailure),
        [false],
      );
      const moved = await stage.pushAside(BRANCH);
      stage.proxy.statuses.push(statusOf(9, "lint", "success"));
      const second = await stage.forge.feedback(number, first.cursor, signal);
      assert.ok(second.remarks.some(({ text }) => text === "lint: success"));
      await stage.forge.merge(number, { head: moved, title: "Mend the roof" }, signal);
      const third = await stage.forge.feedback(number, second.cursor, signal);
      assert.equal(third.state, "merged");
    },
  },
];

function statusOf(id: number, context: string, state: string) {
  return { id, context, state, description: null, created_at: "2026-01-01T00:00:00Z" };
}

async function say(stage: Stage, number: number, body: string): Promise<void> {
  await good(stage.asOwner("POST", `${stage.at}/issues/${number}/comments`, { body }));
}

async function addCheck(stage: Stage, head: string, conclusion: string): Promise<void> {
  const inside = [...stage.proxy.commits].findLast(([, outside]) => outside === head)?.[0];
  const run = { name: "ci", head_sha: inside, status: "completed", conclusion };
  await good(stage.asOwner("POST", `${stage.at}/check-runs`, run));
}

async function opened(stage: Stage) {
  await stage.pushAside(BRANCH);
  return stage.forge.findOrOpen(specFor(BRANCH), signal);
}
