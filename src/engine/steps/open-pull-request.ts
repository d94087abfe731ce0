import type { PublishedPullRequest } from "../../core/published.ts";
import { pullRequestBody, pullRequestTitle } from "../../core/pull-request-text.ts";
import type { Forge } from "../../ports/forge.ts";
import type { AttemptContext } from "../attempt.ts";
import { effectOfAttempt } from "./effect-of-attempt.ts";
import type { Leaving } from "./publish.ts";
import { recordStep, type StepResult } from "./record.ts";

/** Opens the task's pull request, or brings the text of the earlier one up to date. */
export function openPullRequest(
  context: AttemptContext,
  leaving: Leaving & { readonly forge: Forge },
): Promise<StepResult<{ readonly detail: string }>> {
  const { task, attempt } = context;
  const { forge } = leaving;
  return recordStep(context, "open-pr", async () => {
    const key = `pull-request/${task.id}/${attempt.number}`;
    const spec = { key, kind: "pull-request" as const };
    const wanted = await specOf(context, leaving);
    const opened = await effectOfAttempt(context, spec, async (): Promise<PublishedPullRequest> => {
      const { number, url } = await forge.findOrOpen(wanted, context.control.signal);
      return { number, url };
    });
    return { detail: opened.url };
  });
}

async function specOf(
  context: AttemptContext,
  { base, branch, sealed }: Leaving,
): Promise<Parameters<Forge["findOrOpen"]>[0]> {
  const { receipt, sha256: receiptSha256 } = sealed;
  const extras = { taskText: context.task.text, receiptSha256 };
  return {
    marker: await markerOf(context),
    head: branch,
    base: base.name ?? "",
    title: pullRequestTitle(receipt, extras),
    body: pullRequestBody(receipt, extras),
    // What is not proven is not meant to be merged without a look.
    draft: receipt.verdict !== "verified",
  };
}

/** Tells this task from one with the same number of another home. */
export async function markerOf({
  store,
  chance,
  task,
}: Pick<AttemptContext, "store" | "chance" | "task">): Promise<string> {
  const known = await store.shared.setting(HOME_KEY);
  // Two daemons may ask at once, and a pull request is found by what one of them says for good.
  const home = known ?? (await store.shared.initSetting(HOME_KEY, chance.uuid()));
  return `${home}/${task.id}`;
}

const HOME_KEY = "home.id";
