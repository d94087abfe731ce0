import type { Budget, Spent } from "./budget.ts";
import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** The most that a budget can be; beyond it, it would be none. */
const USD_MAX = 1_000_000;
const TOKENS_MAX = 1_000_000_000_000;

/** What a person writes for no budget at all, where one would be given by the settings. */
export const NO_BUDGET = "none";

const USD = /^\$?\s*(\d+(?:\.\d+)?)\s*(usd|dollars?)?$/u;
const TOKENS = /^(\d+(?:\.\d+)?)\s*([km]?)\s*(tokens?|tok)$/u;
const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1000, m: 1_000_000 };

/** Reads a budget such as `2usd`, `$1.50`, `300k tokens` or `2usd, 300k tokens`. */
export function parseBudget(text: string): Parsed<Budget> {
  const shown = printableLine(text.trim(), 40);
  const bad = (why: string): Parsed<never> => ({
    ok: false,
    message: `"${shown}" ${why}; write for example 2usd, 300k tokens or both: 2usd, 300k tokens.`,
  });
  const budget: Record<keyof Budget, number | null> = { usd: null, tokens: null };
  if (text.length > 100) return bad("is no budget");
  for (const part of text.toLowerCase().split(",")) {
    const read = amountIn(part.trim());
    if (read === null) return bad(/^\s*-/u.test(part) ? "is less than nothing" : "is no budget");
    if (budget[read.unit] !== null) return bad("names one kind of budget twice");
    if (read.amount <= 0) return bad("leaves nothing to work with");
    if (read.amount > (read.unit === "usd" ? USD_MAX : TOKENS_MAX)) return bad("is too much");
    budget[read.unit] = read.amount;
  }
  return { ok: true, value: budget };
}

/** The budget as a person writes it: `2usd`, `300k tokens`, `2usd, 300k tokens`. */
export function writtenBudget({ usd, tokens }: Budget): string {
  return [
    ...(usd === null ? [] : [`${usd}usd`]),
    ...(tokens === null ? [] : [writtenTokens(tokens)]),
  ].join(", ");
}

/** What is spent of a budget: `1.20 of 2.00 US dollars`, `12000 of 300000 tokens`, or both. */
export function spentWords(budget: Budget, spent: Spent): string {
  return [
    ...(budget.usd === null ? [] : [`${cents(spent.usd)} of ${cents(budget.usd)} US dollars`]),
    ...(budget.tokens === null ? [] : [`${spent.tokens} of ${budget.tokens} tokens`]),
  ].join(" and ");
}

interface Amount {
  readonly unit: keyof Budget;
  readonly amount: number;
}

function amountIn(text: string): Amount | null {
  const usd = USD.exec(text);
  // A bare number says neither what it is nor that it was meant.
  if (usd !== null && (usd[2] !== undefined || text.startsWith("$"))) {
    return { unit: "usd", amount: Number(usd[1]) };
  }
  const tokens = TOKENS.exec(text);
  if (tokens === null) return null;
  const factor = FACTORS[tokens[2] as string] as number;
  return { unit: "tokens", amount: Math.floor(Number(tokens[1]) * factor) };
}

function writtenTokens(tokens: number): string {
  if (tokens % 1_000_000 === 0) return `${tokens / 1_000_000}m tokens`;
  return tokens % 1000 === 0 ? `${tokens / 1000}k tokens` : `${tokens} tokens`;
}

/** Less than a cent is shown in full, so that a budget never reads as nothing. */
function cents(usd: number): string {
  return usd > 0 && usd < 0.01 ? usd.toPrecision(1) : usd.toFixed(2);
}
