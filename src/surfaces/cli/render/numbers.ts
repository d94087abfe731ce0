import type { TokenCounts } from "../../../core/attempt.ts";

/** A count of tokens in three figures: `940`, `12.4k`, `120k`, `3.1M`. */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 999_500) return `${threeFigures(count / 1000)}k`;
  return `${threeFigures(count / 1_000_000)}M`;
}

/** US dollars to the cent; what is less than a cent says so. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.01) return "<$0.01";
  return `$${usd.toFixed(2)}`;
}

/** A share from 0 to 1 in whole percent; `unknown` when it is not known, never 0. */
export function formatShare(share: number | null): string {
  return share === null ? "unknown" : `${formatPercent(share)} used`;
}

/** A share in whole percent: `20%`. */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** All tokens of an attempt, whatever they were for. */
export function allTokens(tokens: TokenCounts): number {
  return tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
}

/** A count with its noun: `1 task`, `3 tasks`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function threeFigures(value: number): string {
  return value < 99.95 ? value.toFixed(1).replace(/\.0$/u, "") : String(Math.round(value));
}
