import type { SecretSeverity } from "./finding.ts";
import { isStrong, judgeValue } from "./judge-value.ts";
import { ASSIGN, KEYWORD, NAME_END } from "./loose.ts";
import { isCodePath, softer } from "./paths.ts";
import { isPlaceholder } from "./placeholders.ts";
import type { Candidate, SecretRule } from "./rule.ts";
import { looksLikeWords } from "./words.ts";

const QUOTED = String.raw`[A-Za-z@$]{0,2}(?<quote>\\{0,3}["'\`])(?<quoted>(?:(?!\k<quote>)[^\n]){6,200})\k<quote>`;
const BARE = String.raw`(?<bare>[^\s"'\`<>{}(),;=]{8,120}={0,2})`;
const NAMED = `(?<name>${KEYWORD})(?<tail>[\\w-]{0,30})`;

/** Rules that know a secret by the name before it, whoever's it is. */
export const ASSIGNMENT_RULES: readonly SecretRule[] = [
  rule(
    "authorization-header",
    "credential of an authorization header",
    "bearer[ \\t]{1,4}(?<secret>[A-Za-z0-9._~+/-]{20,600}={0,2})(?![A-Za-z0-9])",
    ({ secret, path }) =>
      isStrong(secret) && /\d/u.test(secret) && !isPlaceholder(secret) ? softer(path) : null,
  ),
  rule(
    "basic-credential",
    "name and password of a basic login",
    "basic[ \\t]{1,4}(?<secret>[A-Za-z0-9+/]{12,400}={0,2})(?![A-Za-z0-9+/=])",
    judgeBasic,
  ),
  rule(
    "command-line-password",
    "password on a command line",
    String.raw`(?:(?<=--[a-z-]{0,24})(?:pass(?:word|wd|phrase)?|token|secret|api-key|access-key)[ =]{1,2}|(?<=curl [^\n]{0,200})-u [\w.@-]{1,60}:|sshpass[ ]{1,4}-p[ ]?)["']?(?<secret>[^\s"'\`<>]{8,200})`,
    (candidate) => judgeValue(candidate, "pass", ""),
  ),
  rule(
    "sql-password",
    "password in a statement",
    String.raw`(?:password|identified by)[ \t]{1,4}(?<quote>['"])(?<secret>[^'"\n]{6,200})\k<quote>`,
    (candidate) => judgeValue(candidate, "pass", ""),
  ),
  rule(
    "image-variable",
    "secret in a variable of an image",
    `(?<=^[ \\t]{0,8}(?:ENV|ARG)[ \\t]{1,4}\\w{0,40})${NAMED}[ \\t]{1,4}["']?(?<secret>[^\\s"'$]{8,200})`,
    judgeNamed,
    "im",
  ),
  rule(
    "named-value",
    "secret beside its name",
    `${NAMED}["']?[ \\t,;]{0,4}(?:\\r?\\n[ \\t]{0,60})?["']?value["']?[ \\t]{0,4}[:=][ \\t]{0,4}["']?(?<secret>[^\\s"'<>]{8,200})`,
    judgeNamed,
  ),
  rule(
    "connection-password",
    "password in a connection string",
    String.raw`(?<=;[ ]?(?:user )?)(?:password|pwd)[ ]?=[ ]?(?<secret>[^;"'\s\`]{6,200})(?=[;"'\`])`,
    (candidate) => judgeValue(candidate, "pass", ""),
  ),
  rule(
    "assigned-secret",
    "secret in an assignment",
    `${NAMED}${NAME_END}${ASSIGN}(?:${QUOTED}|${BARE})`,
    (candidate) => {
      const { bare, sign, tail } = candidate.groups as Record<"bare" | "sign" | "tail", string>;
      const isName = isCodePath(candidate.path) || /[(,]/u.test(sign);
      if (bare !== undefined && isName) return null;
      // One of many items of a list, and no name of the next.
      return sign.startsWith(",") && tail !== "" ? null : judgeNamed(candidate);
    },
  ),
];

function rule(
  id: string,
  title: string,
  source: string,
  judge: SecretRule["judge"],
  flags = "i",
): SecretRule {
  return { id, title, anchors: "loose", pattern: new RegExp(source, `${flags}y`), judge };
}

function judgeNamed(candidate: Candidate): SecretSeverity | null {
  const { name, tail } = candidate.groups as Record<"name" | "tail", string>;
  return judgeValue(candidate, name, tail);
}

const NAME_AND_PASSWORD = /^[\x20-\x7e]{0,100}?:(?<password>[\x20-\x7e]{4,200})$/u;

function judgeBasic({ secret, path }: Candidate): SecretSeverity | null {
  const password = NAME_AND_PASSWORD.exec(decoded(secret))?.groups?.["password"];
  if (password === undefined || isPlaceholder(password) || looksLikeWords(password)) return null;
  return softer(path);
}

/** Empty for what is no base64. */
function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}
