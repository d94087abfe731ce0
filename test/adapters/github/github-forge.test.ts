import { good } from "../../forge/emulated.ts";
import type { Fault } from "../../forge/proxy.ts";
import { openWorld } from "../../forge/stage.ts";
import { forgeContract, type ForgeStage } from "../../contract/forge.ts";

forgeContract("GitHub", async (): Promise<ForgeStage> => {
  const world = await openWorld();
  const stage = await world.stage();
  const { asOwner, at, proxy } = stage;
  const LOST: Fault = { type: "after", fault: { type: "reset" } };
  return {
    forge: stage.forge,
    strange: stage.forgeAs({ type: "token", token: "github_pat_strange-token" }),
    push: (branch) => stage.pushAside(branch),
    async say(number, body, who) {
      const ask = who === "member" ? asOwner : world.emulated.asStranger;
      await good(ask("POST", `${at}/issues/${number}/comments`, { body }));
    },
    async failCheck() {
      const id = proxy.statuses.length + 1;
      const created = "2026-01-01T00:00:00Z";
      proxy.statuses.push({ id, context: "ci", state: "failure", created_at: created });
    },
    async protect(branch) {
      const nothing = { required_status_checks: null, required_pull_request_reviews: null };
      const body = { ...nothing, enforce_admins: true, restrictions: null };
      await good(asOwner("PUT", `${at}/branches/${branch}/protection`, body));
    },
    loseAnswer() {
      let isLost = false;
      proxy.fault = ({ method, path }) => {
        if (isLost || method === "GET" || path.includes("access_tokens")) return null;
        isLost = true;
        return LOST;
      };
    },
    async counts() {
      const pulls = await stage.pulls();
      const comments = await stage.comments(pulls[0]?.number ?? 0);
      return { pulls: pulls.length, comments: comments.length };
    },
    async [Symbol.asyncDispose]() {
      await stage.close();
      await world.close();
    },
  };
});
