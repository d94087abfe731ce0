import { BASELINE_PATH, readBaseline } from "./baseline.ts";
import type { ScannedText, SecretFinding, SecretFindings, SecretSeverity } from "./finding.ts";
import { fingerprintOf, pathOf } from "./fingerprint.ts";
import { knownFinder, type KnownSecret } from "./known.ts";
import { maskIn } from "./mask.ts";
import { type Found, searchText } from "./search-text.ts";

/** What texts are looked through with. */
export interface SecretSearch {
  /** Every secret that the daemon knows itself. */
  readonly known: readonly KnownSecret[];
  /** Text of the baseline file on the base branch; null when there is none. */
  readonly baseline: string | null;
  /** A hash of a text as hexadecimal digits, such as SHA-256. */
  readonly hash: (text: string) => string;
  /** What another scanner found in the same texts. */
  readonly others?: readonly SecretFinding[];
}

/** More are not listed; that there are more is a finding of its own, and holds everything back. */
export const FINDINGS_MAX = 2000;

/**
 * Looks for secrets in everything that is about to leave, and says what follows from each. Pure, never
 * throws, and takes time linear in the texts.
 */
export function findSecrets(texts: readonly ScannedText[], search: SecretSearch): SecretFindings {
  const findKnown = knownFinder(search.known);
  const drafts: Draft[] = [];
  for (const text of texts) {
    const { found, isFull } = searchText(text, findKnown, FINDINGS_MAX - drafts.length);
    for (const each of found) drafts.push(draftOf(text, each, each.identity));
    if (isChangeOfBaseline(text)) drafts.push(draftOf(text, BASELINE_CHANGED, ""));
    if (isFull) {
      drafts.push(draftOf(text, TOO_MANY, ""));
      break;
    }
  }
  const baseline = readBaseline(search.baseline);
  const mask = maskIn(new Set(drafts.map(({ found }) => found.mask).filter((each) => each !== "")));
  const own = drafts.map((draft) => findingOf(draft, search.hash, baseline, mask));
  return sorted([...own, ...othersAmong(search.others ?? [], own, baseline, mask)]);
}

interface Draft {
  readonly kind: SecretFinding["kind"];
  /** As it is, secrets and all. */
  readonly path: string | null;
  readonly found: Found;
  readonly identity: string;
}

function draftOf(scanned: ScannedText, found: Found, identity: string): Draft {
  return { kind: scanned.where.kind, path: pathOf(scanned), found, identity };
}

function isChangeOfBaseline({ where, text }: ScannedText): boolean {
  return where.kind === "file-name" && text === BASELINE_PATH;
}

const TOO_MANY = note("too-many", "more likely secrets than are listed", "block");
const BASELINE_CHANGED = note("baseline-changed", "change of what counts as no secret", "warn");

function note(rule: string, title: string, severity: SecretSeverity): Found {
  return {
    rule,
    title,
    severity,
    line: null,
    preview: "",
    identity: "",
    mask: "",
    isMarked: false,
    isSure: true,
  };
}

type Mask = ReturnType<typeof maskIn>;

function findingOf(
  { kind, path, found, identity }: Draft,
  hash: SecretSearch["hash"],
  baseline: ReadonlySet<string>,
  mask: Mask,
): SecretFinding {
  const { rule, title, severity, line, preview, isMarked, isSure } = found;
  const fingerprint = fingerprintOf(hash, rule, path ?? kind, identity);
  const by = baseline.has(fingerprint) ? "baseline" : isMarked ? "comment" : null;
  return {
    rule,
    title,
    severity,
    kind,
    path: mask(path),
    line,
    fingerprint,
    preview,
    allowedBy: isSure ? null : by,
  };
}

/** Of another scanner's findings those on other lines than our own. */
function othersAmong(
  others: readonly SecretFinding[],
  own: readonly SecretFinding[],
  baseline: ReadonlySet<string>,
  mask: Mask,
): readonly SecretFinding[] {
  const placeOf = ({ kind, path, line }: SecretFinding): string => `${kind} ${line} ${path}`;
  const taken = new Set(own.map(placeOf));
  const masked = others.map((other): SecretFinding => {
    const by = baseline.has(other.fingerprint) ? "baseline" : other.allowedBy;
    return Object.assign({}, other, { path: mask(other.path), allowedBy: by });
  });
  return masked.filter((other) => !taken.has(placeOf(other)));
}

function sorted(findings: readonly SecretFinding[]): SecretFindings {
  const blocking: SecretFinding[] = [];
  const warnings: SecretFinding[] = [];
  const allowed: SecretFinding[] = [];
  for (const finding of findings) {
    const { severity, allowedBy } = finding;
    if (allowedBy === "baseline") allowed.push(finding);
    else if (allowedBy === "comment") (severity === "block" ? warnings : allowed).push(finding);
    else (severity === "block" ? blocking : warnings).push(finding);
  }
  return { blocking, warnings, allowed };
}
