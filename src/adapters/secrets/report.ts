import { createHash } from "node:crypto";
import type { SecretFinding } from "../../core/secrets/finding.ts";
import { fingerprintOf, pathOf } from "../../core/secrets/fingerprint.ts";
import { softer } from "../../core/secrets/paths.ts";
import type { Sheet } from "./sheets.ts";

/** Rules of scanners that go by names and chance alone. */
const GENERAL_RULE = /^generic/u;
const RULE_LENGTH_MAX = 80;

interface Entry {
  readonly rule: string;
  readonly secret: string;
  readonly sheet: number;
  readonly line: number;
}

/** Reads what a scanner reported of these sheets; null when it has another form. */
export function readReport(
  program: string,
  text: string,
  sheets: readonly Sheet[],
): readonly SecretFinding[] | null {
  const entries = entriesOf(text);
  if (entries === null) return null;
  return entries.flatMap((entry) => findingOf(program, entry, sheets[entry.sheet]));
}

function entriesOf(text: string): readonly Entry[] | null {
  try {
    const list: unknown = JSON.parse(text) ?? [];
    return Array.isArray(list) ? list.flatMap(entryOf) : null;
  } catch {
    return null;
  }
}

function entryOf(raw: unknown): readonly Entry[] {
  const {
    RuleID: rule,
    File: file,
    StartLine: line,
    Secret,
    Match,
  } = Object(raw) as Record<string, unknown>;
  const secret = Secret === "" ? Match : Secret;
  if (typeof rule !== "string" || typeof file !== "string") return [];
  if (typeof secret !== "string" || typeof line !== "number") return [];
  const sheet = Number(/(?:^|\/)(?<sheet>\d{1,9})\/[^/]+$/u.exec(file)?.groups?.["sheet"]);
  return [{ rule: rule.slice(0, RULE_LENGTH_MAX), secret, sheet, line }];
}

function findingOf(
  program: string,
  { rule, secret, line }: Entry,
  sheet: Sheet | undefined,
): readonly SecretFinding[] {
  const own = sheet?.lines[line - 1];
  if (sheet === undefined || own?.isNew !== true) return [];
  const { kind } = sheet.text.where;
  const path = pathOf(sheet.text);
  const id = `${program}/${rule}`;
  const masked = secret === "" ? path : (path?.replaceAll(secret, () => "***") ?? null);
  return [
    {
      rule: id,
      title: `${rule} by ${program}`,
      severity: GENERAL_RULE.test(rule) ? "warn" : softer(path),
      kind,
      path: masked,
      line: own.line,
      fingerprint: fingerprintOf(sha256, id, path ?? kind, secret),
      preview: `*** (${secret.length} characters)`,
      allowedBy: own.isMarked ? "comment" : null,
    },
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
