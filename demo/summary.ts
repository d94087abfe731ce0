import { styleText } from "node:util";
import type { Proof } from "./proofs.ts";
import { type Shown, taskLine } from "./screen.ts";

/** The end of the night: every task with what became of it, then what was shown. */
export function summary(
  proven: readonly Proof[],
  shown: readonly Shown[],
  elapsedMs: number,
): string {
  const attempts = shown.flatMap(({ detail }) => detail.attempts);
  const tokens = attempts.reduce((sum, { tokens: each }) => sum + each.input + each.output, 0);
  const failed = proven.filter((proof) => !proof.holds).length;
  const verdict =
    failed === 0 ? "Everything happened as it should." : `${failed} did not happen as they should.`;
  return [
    "The night is over.",
    ...shown.map((each) => `${taskLine(each)}${verdictWords(each)}`),
    "",
    ...proven.map(({ claim, holds }) => `${mark(holds)} ${claim}`),
    "",
    `${shown.length} tasks, ${attempts.length} attempts, ${(tokens / 1000).toFixed(1)}k scripted tokens, ${(elapsedMs / 1000).toFixed(0)} s. ${verdict}`,
    'With Claude Code logged in: `sle init`, `sle daemon start`, `sle think "…"`.',
  ].join("\n");
}

function verdictWords({ detail }: Shown): string {
  const { verdict, landing, project } = detail.task;
  if (project === null || verdict === null) return "";
  return landing === null ? verdict : `${verdict}, ${landing.decision}`;
}

function mark(holds: boolean): string {
  return holds ? styleText("green", "✔") : styleText("red", "✘");
}
