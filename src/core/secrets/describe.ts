import { printableLine } from "../terminal.ts";
import { BASELINE_PATH } from "./baseline.ts";
import type { SecretFinding, SecretFindings } from "./finding.ts";

/** How many findings of a kind are told one by one. */
const TOLD_MAX = 20;
const PATH_LENGTH_SHOWN = 100;
const TITLE_LENGTH_SHOWN = 60;

/** What was found in sentences for a person, the gravest first; empty when nothing was. */
export function describeFindings({
  blocking,
  warnings,
  allowed,
}: SecretFindings): readonly string[] {
  return [
    ...told(blocking, "Held back: ", "more that hold back"),
    ...(blocking.length === 0 ? [] : [adviceFor(blocking)]),
    ...told(warnings, "Look at: ", "more to look at"),
    ...(allowed.length === 0 ? [] : [`${allowed.length} allowed by the baseline or a comment.`]),
  ];
}

function told(findings: readonly SecretFinding[], begin: string, more: string): readonly string[] {
  const left = findings.length - TOLD_MAX;
  return [
    ...findings.slice(0, TOLD_MAX).map((finding) => `${begin}${sentenceOf(finding)}`),
    ...(left > 0 ? [`And ${left} ${more}.`] : []),
  ];
}

function sentenceOf(finding: SecretFinding): string {
  const { title, preview, allowedBy, fingerprint } = finding;
  const what = `${printableLine(title, TITLE_LENGTH_SHOWN)} ${placeOf(finding)}`;
  const look = preview === "" ? "" : `: ${preview}`;
  const note = allowedBy === "comment" ? ", allowed by a comment on its line" : "";
  return `${what}${look}${note} [${fingerprint}].`;
}

function placeOf({ kind, path, line }: SecretFinding): string {
  const name = printableLine(path ?? "", PATH_LENGTH_SHOWN);
  switch (kind) {
    case "file":
      return line === null ? `in ${name}` : `in ${name}, line ${line}`;
    case "file-name":
      return `in the name of ${name}`;
    case "message":
      return "in a commit message";
    case "pull-request":
      return "in the text of the pull request";
  }
}

function adviceFor(blocking: readonly SecretFinding[]): string {
  if (blocking.every(({ rule }) => rule === "known-secret"))
    return "Take them out of the change; a secret of the daemon itself never leaves.";
  return `Take them out of the change, or, for what is no secret, add what stands in brackets to ${BASELINE_PATH} on the base branch.`;
}
