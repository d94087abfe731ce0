import type { Outcome } from "../../core/outcome.ts";
import type { Instant } from "../../core/task.ts";
import type { ForgeFailed } from "../../ports/forge.ts";

/** How long nothing is tried on a network or forge that did not answer. */
const AGAIN_AFTER_MS = 5 * 60_000;

/** The result is there and proven; only the way out is closed for now. The attempt is given back. */
export function afterAWhile(
  now: Instant,
  message: string,
  retryAt: Instant | null = null,
): Outcome {
  const until = retryAt !== null && retryAt > now ? retryAt : now + AGAIN_AFTER_MS;
  return { type: "snoozed", until, failure: "overloaded", message };
}

/** The way out stays closed until a person does something about it. */
export function askPerson(message: string): Outcome {
  const text = `${message} The result is kept; once that is settled, \`sle retry\` sends it without the work being done again.`;
  return { type: "asked", question: { text, defaultAnswer: null, deadlineAt: null } };
}

/** What a forge that did not do what was asked means for the attempt. */
export function forgeProblem(now: Instant, { kind, message, retryAt }: ForgeFailed): Outcome {
  const isAway = kind === "limited" || kind === "unreachable";
  return isAway ? afterAWhile(now, message, retryAt) : askPerson(message);
}
