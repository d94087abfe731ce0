import assert from "node:assert/strict";
import { ForgeFailed } from "../../../src/ports/forge.ts";
import type { Case } from "../case.ts";
import { good, OWNER, OWNER_TOKEN } from "../emulated.ts";
import { BAD_CREDENTIALS, noSecretIn } from "../faults.ts";
import type { Fault } from "../proxy.ts";
import { specFor, type Stage } from "../stage.ts";

const signal = new AbortController().signal;
const BRANCH = "sleepless/1";
const HOUR_MS = 3_600_000;

/** What GitHub will not do, and what it says when somebody is not let in. */
export const FAILING_CASES: readonly Case[] = [
  {
    name: "a clock that is an hour behind is corrected",
    async play(stage) {
      stage.proxy.fault = (request) => {
        const claims = claimsOf(request.token);
        const now = (Date.now() + HOUR_MS) / 1000;
        if (claims === null || claims.exp > now) return null;
        return {
          type: "answer",
          status: 401,
          headers: { date: new Date(now * 1000).toUTCString() },
          body: {
            message:
              "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
          },
        };
      };
      assert.equal(await stage.forge.defaultBranch(signal), "main");
    },
  },
  {
    name: "a repository that has another name is found, and its token is narrow",
    async play(stage) {
      await stage.pushAside(BRANCH);
      await rename(stage);
      await stage.forge.findOrOpen(specFor(BRANCH), signal);
      await stage.forge.findOrOpen(specFor(BRANCH), signal);
      const { data } = await stage.asOwner("GET", `${stage.at}-new/pulls`);
      assert.equal(data.length, 1);
    },
  },
  {
    name: "a repository that gets another name meanwhile is written to under that name",
    async play(stage) {
      await stage.pushAside(BRANCH);
      await stage.forge.branchRules("main", signal);
      await rename(stage);
      const pull = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      await stage.forge.comment(pull.number, { marker: "said", text: "Look." }, signal);
      const { data } = await stage.asOwner("GET", `${stage.at}-new/issues/${pull.number}/comments`);
      assert.equal(data.length, 1);
    },
  },
  {
    name: "an archived repository says so",
    async play(stage) {
      await stage.pushAside(BRANCH);
      stage.proxy.fault = ({ path }) =>
        path.endsWith("/pulls") ? answer(403, "Repository was archived so is read-only.") : null;
      await assertFails(stage, "forbidden", /is archived; unarchive it/u);
    },
  },
  {
    name: "a private repository of others is not found",
    async play(stage) {
      const auth = { type: "token", token: "github_pat_strangerstranger" } as const;
      // Where the emulator forbids GitHub does not even say that it is there.
      stage.proxy.fault = () => answer(404, "Not Found");
      await failsWith(stage.forgeAs(auth).defaultBranch(signal), "not-found", /check the name/u);
      noSecretIn(stage, "");
    },
  },
  {
    name: "a repository without the App says to install it",
    async play(stage) {
      stage.proxy.fault = ({ path }) =>
        path.endsWith("/installation") ? answer(404, "Not Found") : null;
      const forge = stage.forgeAs({ ...stage.appAuth, installationId: null } as Stage["appAuth"]);
      await failsWith(
        forge.defaultBranch(signal),
        "not-found",
        /install the GitHub App 12345 on it/u,
      );
    },
  },
  {
    name: "nothing to propose is said in the words of GitHub",
    async play(stage) {
      await stage.pushAside(BRANCH);
      const errors = [{ message: `No commits between main and ${BRANCH}`, code: "custom" }];
      stage.proxy.fault = ({ path }) =>
        path.endsWith("/pulls") ? refusal("Validation Failed", errors) : null;
      await assertFails(stage, "refused", /No commits between main and sleepless\/1/u);
    },
  },
  {
    name: "a pull request that the list did not show yet is found when GitHub says there is one",
    async play(stage) {
      await stage.pushAside(BRANCH);
      const first = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      let lists = 0;
      const errors = [{ message: `A pull request already exists for ${OWNER}:${BRANCH}.` }];
      stage.proxy.fault = ({ method, path }) => {
        if (method === "GET" && path.includes("/pulls?")) {
          lists += 1;
          return lists === 1 ? { type: "answer", status: 200, body: [] } : null;
        }
        return method === "POST" && path.endsWith("/pulls")
          ? refusal("Validation Failed", errors)
          : null;
      };
      const again = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      assert.equal(again.number, first.number);
    },
  },
  {
    name: "a filter that GitHub ignores does not give us the pull request of others",
    async play(stage) {
      await stage.pushAside(BRANCH);
      await stage.pushAside("other");
      await stage.forge.findOrOpen(specFor("other", { marker: "of-another" }), signal);
      const { data } = await stage.asOwner("GET", `${stage.at}/pulls`);
      stage.proxy.fault = ({ method, path }) =>
        method === "GET" && path.includes("/pulls?") && stage.proxy.seen.length < 9
          ? { type: "answer", status: 200, body: data }
          : null;
      const pull = await stage.forge.findOrOpen(specFor(BRANCH), signal);
      assert.equal(pull.number, 2);
    },
  },
  {
    name: "a long secondary limit is told with its end",
    async play(stage) {
      const forge = stage.forgeAs(stage.appAuth, { now: () => 5000 });
      stage.proxy.fault = () => ({
        ...answer(403, "You have exceeded a secondary rate limit."),
        headers: { "retry-after": "3600" },
      });
      const failure = await failsWith(forge.defaultBranch(signal), "limited", /ask again after/u);
      assert.equal(failure.retryAt, 5000 + HOUR_MS);
    },
  },
  {
    name: "a used up limit is told with its end",
    async play(stage) {
      const end = Math.ceil(Date.now() / 1000) + 600;
      stage.proxy.fault = () => ({
        ...answer(403, "API rate limit exceeded for installation."),
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(end) },
      });
      const failure = await failsWith(stage.forge.defaultBranch(signal), "limited", /too often/u);
      assert.equal(Math.round((failure.retryAt ?? 0) / 1000), end);
    },
  },
  {
    name: "a token that is not accepted asks for another one",
    async play(stage) {
      stage.proxy.fault = () => BAD_CREDENTIALS;
      const forge = stage.forgeAs({ type: "token", token: "github_pat_nobodynobodynobody" });
      await failsWith(forge.defaultBranch(signal), "unauthorized", /make a new token/u);
      noSecretIn(stage, "");
    },
  },
  {
    name: "a private key that cannot be used says so",
    async play(stage) {
      const pem = "-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n-----END RSA PRIVATE KEY-----";
      const forge = stage.forgeAs({ ...stage.appAuth, privateKey: pem } as Stage["appAuth"]);
      const advice = /The private key of the GitHub App 12345 cannot be used/u;
      await failsWith(forge.defaultBranch(signal), "unauthorized", advice);
    },
  },
  {
    name: "what is not GitHub is told from it",
    async play(stage) {
      await stage.forge.credential(signal);
      stage.proxy.fault = () => ({ type: "html" });
      await failsWith(stage.forge.defaultBranch(signal), "unreachable", /check the network/u);
      stage.proxy.fault = () => ({ type: "answer", status: 200, body: { hello: "world" } });
      await failsWith(stage.forge.defaultBranch(signal), "unreachable", /does not answer like/u);
    },
  },
  {
    name: "an abort ends a request that is not answered, with its reason",
    async play(stage) {
      await stage.forge.credential(signal);
      const ending = new AbortController();
      const reason = new Error("the attempt is over");
      stage.proxy.fault = () => {
        setImmediate(() => ending.abort(reason));
        return { type: "silence" };
      };
      await assert.rejects(stage.forge.defaultBranch(ending.signal), (error) => error === reason);
      const before = stage.proxy.seen.length;
      await assert.rejects(stage.forge.defaultBranch(ending.signal), (error) => error === reason);
      assert.equal(stage.proxy.seen.length, before);
    },
  },
  {
    name: "rules for a branch are told",
    async play(stage) {
      const pattern = (operator: string, text: string, negate = false) => ({
        type: "branch_name_pattern",
        parameters: { name: "", operator, pattern: text, negate },
      });
      stage.proxy.rules = [
        { type: "required_signatures" },
        { type: "creation" },
        { type: "non_fast_forward" },
        pattern("starts_with", "feature/"),
        pattern("starts_with", "sleepless/"),
        pattern("contains", "less", true),
        pattern("regex", "^(a+)+$"),
      ];
      assert.deepEqual(await stage.forge.branchRules(BRANCH, signal), {
        isProtected: false,
        needsSignatures: true,
        against: [
          "A rule forbids to make the branch sleepless/1.",
          'The name of the branch must start with "feature/".',
          'The name of the branch must not contain "less".',
        ],
      });
      stage.proxy.rules = [{ type: "pull_request", parameters: { required_reviewers: [] } }];
      assert.equal((await stage.forge.branchRules(BRANCH, signal)).isProtected, true);
    },
  },
  {
    name: "with the token of a person only marked words are ours",
    async play(stage) {
      await stage.pushAside(BRANCH);
      const forge = stage.forgeAs({ type: "token", token: OWNER_TOKEN });
      const { number } = await forge.findOrOpen(specFor(BRANCH), signal);
      await forge.comment(number, { marker: "said", text: "Look." }, signal);
      const theirs = { body: "Mend the door, too." };
      await good(stage.asOwner("POST", `${stage.at}/issues/${number}/comments`, theirs));
      const { remarks } = await forge.feedback(number, null, signal);
      assert.deepEqual(
        remarks.map(({ isOurs, isFromMember }) => [isOurs, isFromMember]),
        [
          [true, false],
          [false, true],
        ],
      );
      const credential = await forge.credential(signal);
      assert.equal(credential?.expiresAt, null);
    },
  },
];

function answer(status: number, message: string): Extract<Fault, { type: "answer" }> {
  return { type: "answer", status, body: { message } };
}

function refusal(message: string, errors: unknown): Fault {
  return { type: "answer", status: 422, body: { message, errors } };
}

async function rename({ proxy, asOwner, at, name }: Stage): Promise<void> {
  await good(asOwner("PATCH", at, { name: `${name}-new` }));
  proxy.moved.set(`${OWNER}/${name}`, `${OWNER}/${name}-new`);
}

async function assertFails(stage: Stage, kind: ForgeFailed["kind"], words: RegExp) {
  await failsWith(stage.forge.findOrOpen(specFor(BRANCH), signal), kind, words);
}

async function failsWith(
  work: Promise<unknown>,
  kind: ForgeFailed["kind"],
  words: RegExp,
): Promise<ForgeFailed> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof ForgeFailed, String(error));
  assert.match(error.message, words);
  assert.equal(error.kind, kind);
  return error;
}

function claimsOf(token: string): { readonly exp: number } | null {
  const [, payload] = token.split(".");
  if (!token.startsWith("eyJ") || payload === undefined) return null;
  return JSON.parse(Buffer.from(payload, "base64url").toString());
}
