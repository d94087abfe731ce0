import { printableLine } from "../../../core/terminal.ts";
import type { Finding } from "../context.ts";
import type { Paint } from "../output.ts";

/** Findings in lines, each with what to do about it. */
export function renderFindings(paint: Paint, findings: readonly Finding[]): string {
  return findings
    .flatMap((finding) => [
      `${markOf(paint, finding)} ${finding.name}: ${printableLine(finding.detail)}`,
      ...adviceLines(finding),
    ])
    .join("\n");
}

/** What a detail says already is not said again. */
function adviceLines({ advice, detail }: Finding): readonly string[] {
  return advice === null || detail.includes(advice) ? [] : [`  ${printableLine(advice)}`];
}

function markOf(paint: Paint, { status }: Finding): string {
  switch (status) {
    case "ok":
      return paint("green", "✓");
    case "warning":
      return paint("yellow", "!");
    case "problem":
      return paint("red", "✗");
  }
}
