import { entropyBits } from "./entropy.ts";
import type { SecretSeverity } from "./finding.ts";
import { isCodePath, softer } from "./paths.ts";
import { isPlaceholder } from "./placeholders.ts";
import { type Candidate, isLikelyToken, type SecretRule } from "./rule.ts";
import { looksLikeWords } from "./words.ts";

const KEYWORD = [
  "pass(?:word|wd|phrase|wort|code)?",
  "pwd",
  "secret",
  "token",
  "credentials?",
  "bearer",
  "basic",
  "authorization",
  "(?:api|access|secret|private|encrypt(?:ion)?|signing|auth|master|account|license|session|service|shared|webhook|deploy|admin|storage|subscription|hmac|cookie)[-_. ]?key",
].join("|");
const VENDOR =
  "heroku|twilio|datadog|cloudflare|algolia|fastly|pagerduty|discord|snyk|okta|cohere|mapbox|facebook|linkedin|telegram";

/** Where the rules of this file are tried; upper and lower case are the same. */
export const LOOSE_ANCHOR: RegExp = new RegExp(`${KEYWORD}|${VENDOR}|--pass|-u `, "gi");

/** Between a name and its value. */
const NAME_END = String.raw`(?:\\{0,3}["'\`])?\]?[ \t]{0,10}`;
const TYPE = String.raw`(?::[ \t]{0,4}[A-Za-z]{1,12}[?!]?[ \t]{0,4}(?==))?`;
const ASSIGN = String.raw`(?<sign>=>|:=|={1,3}|!==?|:|\(|,|>)[ \t]{0,10}`;
const QUOTED = String.raw`[A-Za-z@$]{0,2}(?<quote>\\{0,3}["'\`])(?<quoted>(?:(?!\k<quote>)[^\n]){6,300})\k<quote>`;
const BARE = String.raw`(?<bare>[^\s"'\`<>{}(),;]{8,300})`;

/** Names that hold something about a secret and not the secret. */
const ABOUT =
  /^s?[-_.]?(?:s|field|name|label|id|ids|url|uri|urls|path|paths|file|files|dir|type|types|length|len|size|min|max|count|limit|regex|pattern|format|policy|rules?|prefix|suffix|hash|hashes|hashed|digest|salt|hint|help|text|title|message|error|errors|input|element|el|selector|class|placeholder|endpoint|header|headers|param|params|query|expir(?:y|es|ation)|expires?[-_]?(?:in|at)|ttl|timeout|scope|scopes|version|kind|source|provider|store|manager|service|strength|reset|index|offset|address|ref|refs|arn|env|var|variable|key[-_]?(?:name|id|ref))(?:$|[-_A-Z])|^(?:ize|iz|s$)/u;
const NOT_SECRET =
  /(?:public|publishable|next|prev|previous|page|paging|continuation|csrf|xsrf|cursor|max|min|num|total|design|lexer|sort|primary|foreign|partition|cache|by|no|without|forgot|reset|has|is|with|integrity|checksum|idempotency)[-_. ]?$/iu;
/** A file, a version, a date, an address, a class: something with a form of its own. */
const HAS_FORM =
  /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]{1,20}:\/\/|[a-z]{1,12}\/[a-z0-9.+-]{2,40}$|v?\d{1,6}(?:[.:-]\d{1,6}){1,5}|[\w.+-]{1,64}@[\w.-]{1,80}$|[\w-]{1,60}(?:\.[a-z][\w-]{0,60}){1,6}$|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|sha(?:1|256|384|512)-|\d+$)/iu;
/** A call, an index or a comparison: code and no value. */
const IS_CODE = /[[\]|]{1}|\w\.\w{1,60}\.|->|::|&&|\\[dws]|\w\(/u;
const PASSWORD_NAME = /^(?:pass|pwd)/iu;

const PASSWORD_ENTROPY_MIN = 2.5;
const STRONG_LENGTH_MIN = 16;
const STRONG_ENTROPY_MIN = 3.2;

/** Rules that know a secret by the name that stands before it; the more exact first. */
export const CONTEXT_RULES: readonly SecretRule[] = [
  vendorValue(
    "aws-secret-key",
    "AWS secret access key",
    "(?:secret|access)[-_. ]?(?:access)?[-_. ]?key",
    "[A-Za-z0-9/+]{40}",
  ),
  vendorValue(
    "heroku-key",
    "Heroku key",
    "heroku",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  ),
  vendorValue(
    "snyk-token",
    "Snyk token",
    "snyk",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  ),
  vendorValue("twilio-auth-token", "Twilio auth token", "twilio", "[0-9a-f]{32}"),
  vendorValue("datadog-key", "Datadog key", "datadog", "(?:[0-9a-f]{40}|[0-9a-f]{32})"),
  vendorValue("cloudflare-token", "Cloudflare token", "cloudflare", "[A-Za-z0-9_-]{37,40}"),
  vendorValue("algolia-key", "Algolia admin key", "algolia", "[0-9a-f]{32}"),
  vendorValue("fastly-token", "Fastly token", "fastly", "[A-Za-z0-9_-]{32}"),
  vendorValue("pagerduty-key", "PagerDuty key", "pagerduty", "[A-Za-z0-9_+-]{20}"),
  vendorValue(
    "discord-bot-token",
    "Discord bot token",
    "discord",
    "[MNO][A-Za-z0-9_-]{23,25}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,38}",
  ),
  vendorValue("okta-token", "Okta token", "okta", "00[A-Za-z0-9_-]{40}"),
  vendorValue("cohere-key", "Cohere key", "cohere", "[A-Za-z0-9]{40}"),
  vendorValue("facebook-secret", "Facebook app secret", "facebook", "[0-9a-f]{32}"),
  vendorValue("linkedin-secret", "LinkedIn client secret", "linkedin", "[A-Za-z0-9]{16}"),
  {
    id: "authorization-header",
    title: "credential of an authorization header",
    anchors: "loose",
    pattern: /bearer[ \t]{1,4}(?<secret>[A-Za-z0-9._~+/-]{20,600}={0,2})(?![A-Za-z0-9])/iy,
    judge: ({ secret, path }) =>
      isStrong(secret) && /\d/u.test(secret) && !isPlaceholder(secret) ? softer(path) : null,
  },
  {
    id: "basic-credential",
    title: "name and password of a basic login",
    anchors: "loose",
    pattern: /basic[ \t]{1,4}(?<secret>[A-Za-z0-9+/]{12,400}={0,2})(?![A-Za-z0-9+/=])/iy,
    judge: judgeBasic,
  },
  {
    id: "command-line-password",
    title: "password on a command line",
    anchors: "loose",
    pattern:
      /(?:(?:(?<=--[a-z-]{0,24})(?:pass(?:word|wd|phrase)?|token|secret|api-key|access-key))(?:[ =]{1,2})|(?<=curl [^\n]{0,200})-u [\w.@-]{1,60}:)["']?(?<secret>[^\s"'`<>]{8,300})/iy,
    judge: (candidate) => judgeValue(candidate, "pass", ""),
  },
  {
    id: "assigned-secret",
    title: "secret in an assignment",
    anchors: "loose",
    pattern: new RegExp(
      `(?<name>${KEYWORD})(?<tail>[\\w-]{0,30})${NAME_END}${TYPE}${ASSIGN}(?:${QUOTED}|${BARE})`,
      "iy",
    ),
    judge: (candidate) => {
      const { name, tail } = candidate.groups as Record<"name" | "tail", string>;
      return judgeValue(candidate, name, tail);
    },
  },
];

/** A value of a form of its own behind a vendor's name. */
function vendorValue(id: string, title: string, name: string, value: string): SecretRule {
  const source = `(?:${name})[\\w. -]{0,30}${NAME_END}${TYPE}${ASSIGN}\\\\{0,3}["'\`]?(?<secret>${value})(?![\\w/+=-])`;
  return {
    id,
    title,
    anchors: "loose",
    pattern: new RegExp(source, "iy"),
    judge: ({ secret }) =>
      isLikelyToken(secret) && !looksLikeWords(secret) && /\d/u.test(secret) ? "block" : null,
  };
}

function judgeValue(
  { secret, groups, before, path }: Candidate,
  name: string,
  tail: string,
): SecretSeverity | null {
  const isBare = groups["bare"] !== undefined;
  if (isBare && (isCodePath(path) || /[(,]/u.test(groups["sign"] as string))) return null;
  if (ABOUT.test(tail) || NOT_SECRET.test(before) || /\s/u.test(secret)) return null;
  if (HAS_FORM.test(secret) || isPlaceholder(secret) || IS_CODE.test(secret)) return null;
  if (isStrong(secret) && /\d/u.test(secret)) return softer(path);
  return PASSWORD_NAME.test(name) && isPassword(secret) ? "warn" : null;
}

/** Made by chance, and long enough to be worth it. */
function isStrong(secret: string): boolean {
  return (
    secret.length >= STRONG_LENGTH_MIN &&
    entropyBits(secret) >= STRONG_ENTROPY_MIN &&
    !looksLikeWords(secret)
  );
}

/** Something that a person could have thought of as a password. */
function isPassword(secret: string): boolean {
  const isMixed = /[A-Za-z]/u.test(secret) && /[^A-Za-z_-]/u.test(secret);
  return secret.length >= 8 && isMixed && entropyBits(secret) >= PASSWORD_ENTROPY_MIN;
}

function judgeBasic({ secret, path }: Candidate): SecretSeverity | null {
  const text = decoded(secret);
  const password =
    text === null ? undefined : /^[\x20-\x7e]{0,100}?:(?<password>[\x20-\x7e]{4,})$/u.exec(text);
  const value = password?.groups?.["password"];
  if (value === undefined || isPlaceholder(value) || looksLikeWords(value)) return null;
  return softer(path);
}

function decoded(base64: string): string | null {
  try {
    return atob(base64);
  } catch {
    return null;
  }
}
