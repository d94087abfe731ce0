import { allowancesOf, endedByAgent, leftFor, overdraft } from "../../core/allowance.ts";
import { NO_TOKENS, type TokenCounts } from "../../core/attempt.ts";
import { countedTokens, spendingSince, type Spent } from "../../core/budget.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { AttemptContext } from "../attempt.ts";

/** Counts what one run uses against every budget that its task draws on. */
export interface Meter {
  /** US dollars that are left for the run; null when no budget is in dollars. */
  readonly leftUsd: number | null;
  /** Counts more use; true once a budget is spent. */
  readonly add: (tokens: TokenCounts, usd: number) => boolean;
  /** How the attempt ends that was stopped for that, or whose agent says that its budget is spent. */
  readonly outcome: () => Outcome;
}

/** Reads what is left of each budget now; what others spend meanwhile is seen at the next start. */
export async function openMeter({ store, clock, rules, task }: AttemptContext): Promise<Meter> {
  const now = clock.now();
  const facts = await store.shared.facts(spendingSince(rules.hours, now));
  const allowances = allowancesOf(task, { ...facts, rules, now });
  let used = { tokens: NO_TOKENS, usd: 0 };
  const spent = (): Spent => ({ usd: used.usd, tokens: countedTokens(used.tokens) });
  return {
    leftUsd: leftFor(allowances).usd,
    add: (tokens, usd) => {
      used = { tokens: sumOf(used.tokens, tokens), usd: used.usd + usd };
      return overdraft(allowances, spent()) !== null;
    },
    outcome: () => endedByAgent(allowances, spent()),
  };
}

function sumOf(one: TokenCounts, other: TokenCounts): TokenCounts {
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
  };
}
