import { ASSIGNMENT_RULES } from "./assignment-rules.ts";
import { CONTEXT_RULES } from "./context-rules.ts";
import { literal } from "../literal.ts";
import type { SecretSeverity } from "./finding.ts";
import { GENERAL_RULES } from "./general-rules.ts";
import { LOOSE_ANCHOR } from "./loose.ts";
import type { SecretRule } from "./rule.ts";
import { VENDOR_RULES } from "./vendor-rules.ts";

/** Every rule, the more exact first: of two that claim the same characters the first is told. */
export const SECRET_RULES: readonly SecretRule[] = [
  ...VENDOR_RULES,
  ...GENERAL_RULES,
  ...CONTEXT_RULES,
  ...ASSIGNMENT_RULES,
];

/** A likely secret in a text, which holds the secret itself. */
export interface Hit {
  readonly rule: string;
  readonly title: string;
  readonly severity: SecretSeverity;
  readonly secret: string;
  /** Offsets in the text that was looked through. */
  readonly start: number;
  readonly end: number;
  /** What stands before the secret, of a fixed vocabulary: `password=`, `ghp_`. */
  readonly lead: string;
}

/** Characters around a match that a rule may look at. */
const AROUND = 60;
const BEGIN_LENGTH = 2;

const EXACT_RULES = SECRET_RULES.filter(({ anchors }) => anchors !== "loose");
const LOOSE_RULES = SECRET_RULES.filter(({ anchors }) => anchors === "loose");
const RANKS: ReadonlyMap<string, number> = new Map(
  SECRET_RULES.map(({ id }, index) => [id, index]),
);
const EXACT_ANCHOR = exactAnchor();
const BY_BEGIN = byBegin();

/** What was found, and whether there may be more. */
export interface Scanned {
  readonly hits: readonly Hit[];
  readonly isFull: boolean;
}

/**
 * The likely secrets of a text; stops looking at `max`. A rule is tried only where one of its anchors stands
 * and looks only so far, so that the time is linear in the text.
 */
export function scan(text: string, path: string | null, max: number): Scanned {
  const hits: Hit[] = [];
  const tryAll = (anchor: RegExp, rulesAt: (at: number) => readonly SecretRule[]): void => {
    anchor.lastIndex = 0;
    for (let found = anchor.exec(text); found !== null; found = anchor.exec(text)) {
      if (hits.length >= max) return;
      for (const rule of rulesAt(found.index)) hits.push(...hitOf(rule, text, path, found.index));
      anchor.lastIndex = found.index + 1;
    }
  };
  tryAll(EXACT_ANCHOR, (at) => BY_BEGIN.get(text.slice(at, at + BEGIN_LENGTH)) as SecretRule[]);
  tryAll(LOOSE_ANCHOR, () => LOOSE_RULES);
  return { hits: withoutOverlap(hits), isFull: hits.length >= max };
}

function exactAnchor(): RegExp {
  const anchors = EXACT_RULES.flatMap(({ anchors: own }) => own);
  return new RegExp(anchors.map((anchor) => literal(anchor)).join("|"), "g");
}

function byBegin(): ReadonlyMap<string, readonly SecretRule[]> {
  const map = new Map<string, Set<SecretRule>>();
  for (const rule of EXACT_RULES) {
    for (const anchor of rule.anchors) {
      const begin = anchor.slice(0, BEGIN_LENGTH);
      map.set(begin, (map.get(begin) ?? new Set<SecretRule>()).add(rule));
    }
  }
  return new Map([...map].map(([begin, rules]) => [begin, [...rules]]));
}

function hitOf(rule: SecretRule, text: string, path: string | null, at: number): readonly Hit[] {
  rule.pattern.lastIndex = at;
  const match = rule.pattern.exec(text);
  if (match === null) return [];
  const groups = match.groups as Record<string, string | undefined>;
  const front = groups["front"] ?? "";
  const behind = (groups["secret"] ?? groups["quoted"] ?? groups["bare"]) as string;
  const end = at + match[0].lastIndexOf(behind) + behind.length;
  const secret = front + behind;
  const start = end - secret.length;
  const before = text.slice(Math.max(0, at - AROUND), at);
  const after = text.slice(end, end + AROUND);
  const severity = rule.judge({ secret, groups, before, after, path });
  if (severity === null) return [];
  const lead = leadOf(rule, groups["name"], secret);
  return [{ rule: rule.id, title: rule.title, severity, secret, start, end, lead }];
}

function leadOf({ anchors }: SecretRule, name: string | undefined, secret: string): string {
  if (name !== undefined) return `${name.toLowerCase()}=`;
  if (anchors === "loose") return "";
  return anchors.find((anchor) => secret.startsWith(anchor)) ?? "";
}

/** Keeps, of hits that share characters, the one of the first rule. */
function withoutOverlap(hits: readonly Hit[]): readonly Hit[] {
  const rankOf = ({ rule }: Hit): number => RANKS.get(rule) as number;
  const kept: Hit[] = [];
  for (const hit of hits.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    if (!kept.some(({ start, end }) => hit.start < end && start < hit.end)) kept.push(hit);
  }
  return kept.toSorted((a, b) => a.start - b.start);
}
