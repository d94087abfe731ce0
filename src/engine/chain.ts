import type { Budget } from "../core/budget.ts";
import type { OrderRules } from "../core/order.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import type { QueueLimits } from "../core/queue.ts";
import { checkSubmission, checkText, type SubmissionInput, touchesOf } from "../core/submission.ts";
import type { Source } from "../core/task.ts";
import type { ChainRefusal } from "../ports/chain.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { conditionNamed, insertProblem } from "./dependencies.ts";
import { invalidSubmission } from "./refusal-problem.ts";

/** Most tasks of one chain. */
export const CHAIN_MAX = 10_000;
/** Longer than this the texts are not looked at in one go, so that other work comes in between. */
const GO_MS = 4;
const MANY = 1000;

/** Tasks that are asked for together, each to be done after the one before. */
export interface WantedChain {
  /** What all share; what the first waits for and its start are the first one's alone. */
  readonly shared: Omit<SubmissionInput, "text">;
  readonly texts: readonly string[];
  /** What each waits for the one before to come to: one of the conditions. */
  readonly condition: string;
}

/** The ids of a chain, which are one after the other. */
export interface SubmittedChain {
  readonly firstId: number;
  readonly lastId: number;
  readonly warnings: readonly string[];
}

/** What queueing a chain needs. */
interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly attemptsMaxDefault: number;
  readonly budgetDefault?: Budget | null;
  readonly queueLimits?: QueueLimits;
  readonly order?: OrderRules;
}

/** Checks and queues a chain in one transaction. */
export async function submitChain(
  parts: Parts,
  { shared, texts, condition: word }: WantedChain,
  from: { readonly by: string; readonly source: Source },
): Promise<Result<SubmittedChain>> {
  const condition = conditionNamed(word);
  if (!condition.ok) return condition;
  const [first] = texts;
  if (first === undefined) return problem("invalid", "A chain needs tasks: give at least one.");
  if (texts.length > CHAIN_MAX) {
    return problem("invalid", `A chain has ${CHAIN_MAX} tasks at most, not ${texts.length}.`);
  }
  const now = parts.clock.now();
  const checked = checkSubmission({ ...shared, text: first }, { ...parts, ...from, now });
  if (!checked.ok) return invalidSubmission(checked.problems);
  const cleaned = await cleanTexts(parts.clock, texts, shared);
  if (!cleaned.ok) return cleaned;
  const { order, queueLimits } = parts;
  const { text: _, ...asked } = { ...checked.submission, ...from, at: now, order };
  // Handing many texts to the database's thread takes some milliseconds of its own.
  if (texts.length > MANY) await parts.clock.sleep(1);
  const { texts: clean, touches } = cleaned.value;
  const chain = { asked, texts: clean, touches, condition: condition.value };
  const inserted = await parts.store.tasks.insertChain(chain, queueLimits);
  if (!inserted.ok) return chainProblem(inserted.refusal);
  const { firstId, lastId } = inserted;
  return ok({ firstId, lastId, warnings: cleaned.value.warnings });
}

function chainProblem(refusal: ChainRefusal): Result<SubmittedChain> {
  if (refusal.reason !== "never-lands") return insertProblem(refusal);
  return problem("invalid", "Thoughts never land: name a project, or chain them by `succeeded`.");
}

interface CleanTexts {
  readonly texts: readonly string[];
  /** By text. */
  readonly touches: readonly (readonly string[])[];
  readonly warnings: readonly string[];
}

async function cleanTexts(
  clock: Clock,
  texts: readonly string[],
  shared: WantedChain["shared"],
): Promise<Result<CleanTexts>> {
  const clean: string[] = [];
  const touches: (readonly string[])[] = [];
  const warnings = new Set<string>();
  let since = clock.monotonicMs();
  for (const [index, text] of texts.entries()) {
    const checked = checkText(text);
    if (!checked.ok) {
      return problem("invalid", `Task ${index + 1} of the chain: ${checked.message}`);
    }
    clean.push(checked.text);
    touches.push(touchesOf(shared, checked.text));
    for (const warning of checked.warnings) warnings.add(warning);
    if (clock.monotonicMs() - since < GO_MS) continue;
    await clock.sleep(1);
    since = clock.monotonicMs();
  }
  return ok({ texts: clean, touches, warnings: [...warnings] });
}
