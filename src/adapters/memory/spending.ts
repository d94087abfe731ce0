import { NO_TOKENS, type TokenCounts } from "../../core/attempt.ts";
import {
  countedTokens,
  type ProjectSpending,
  type SpendingSince,
  type Spent,
} from "../../core/budget.ts";
import type { StoredFacts } from "../../core/hold.ts";
import { sortedBy, type State } from "./state.ts";

/** What was spent of shared budgets. */
export function spendingOf(
  state: State,
  since: SpendingSince,
): Required<Pick<StoredFacts, "usdToday" | "spending">> {
  const { day, night } = since;
  const entries = state.ledger.filter(({ at }) => at >= day);
  const today = spentBy(entries);
  const projects = sortedBy(state.projects.values(), ({ name }) => name);
  const byProject = projects.map(({ name, budget }): [string, ProjectSpending] => {
    const spentToday = spentBy(entries.filter(({ project }) => project === name));
    return [name, { spentToday, budget }];
  });
  return {
    usdToday: today.usd,
    spending: {
      tokensToday: today.tokens,
      tonight: night === null ? null : spentBy(state.ledger.filter(({ at }) => at >= night)),
      projects: Object.fromEntries(byProject),
    },
  };
}

/** What attempts or entries of the ledger come to together. */
export function spentBy(
  counted: readonly { readonly tokens: TokenCounts; readonly usd: number }[],
): Spent {
  const tokens = counted.reduce((sum, each) => sumOf(sum, each.tokens), NO_TOKENS);
  const usd = counted.reduce((sum, each) => sum + each.usd, 0);
  return { usd, tokens: countedTokens(tokens) };
}

/** Two counts together, kind by kind. */
export function sumOf(a: TokenCounts, b: TokenCounts): TokenCounts {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  };
}
