import { entropyBits } from "./entropy.ts";
import type { SecretSeverity } from "./finding.ts";
import { softer } from "./paths.ts";
import { isPlaceholder } from "./placeholders.ts";
import type { Candidate } from "./rule.ts";
import { looksLikeWords } from "./words.ts";

/** Parts of names that hold something about a secret and not the secret. */
const ABOUT =
  /^s?_?(?:s|fields?|name|label|ids?|ur[il]s?|paths?|files?|dir|types?|length|len|size|min|max|count|limit|regex|pattern|format|policy|rules?|prefix|suffix|hash|hashes|hashed|digest|salt|hint|help|text|title|message|errors?|input|el|element|selector|class|placeholder|endpoint|headers?|params?|query|expiry|expires|expiration|ttl|timeout|scopes?|version|kind|source|provider|store|manager|service|strength|reset|index|offset|address|time|date|status|result|rate|refs?|arn|env|var|variable|key_?(?:name|id|ref)|ize|iz)(?:$|[_-])/u;
const NO_SECRET_BEFORE =
  /(?:^|[_.-])(?:public|publishable|next|prev|previous|page|paging|continuation|csrf|xsrf|cursor|max|min|num|total|design|lexer|sort|primary|foreign|partition|cache|by|no|without|forgot|reset|has|is|with|integrity|checksum|idempotency)[_.-]?$/u;
/** A file, a version, a date, an address, a class: something with a form of its own. */
const HAS_FORM =
  /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]{1,20}:\/\/|[a-z]{1,12}\/[a-z0-9.+-]{2,40}$|v?\d{1,6}(?:[.:-]\d{1,6}){1,5}|[\w.+-]{1,64}@[\w.-]{1,80}$|[\w-]{1,60}(?:\.[a-z][\w-]{0,60}){1,6}$|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|sha(?:1|256|384|512)-|0x[0-9a-f]{40}$|[\d.]+$|\*\.)/iu;
/** A call, an index or a comparison: code and no value. */
const IS_CODE = /[[\]|]|\w\.\w{1,60}\.|->|::|&&|\\[dws]|\w\(/u;
const PASSWORD_NAME = /^(?:pass|pwd|identified|sshpass)/iu;

const PASSWORD_LENGTH_MIN = 8;
const PASSWORD_ENTROPY_MIN = 2.5;
const GOOD_PASSWORD_LENGTH_MIN = 10;
const GOOD_PASSWORD_ENTROPY_MIN = 3;
const STRONG_LENGTH_MIN = 16;
const STRONG_ENTROPY_MIN = 3.2;

/** Judges a value that stands behind a telling name; `tail` is what that name goes on with. */
export function judgeValue(
  { secret, before, path }: Candidate,
  name: string,
  tail: string,
): SecretSeverity | null {
  if (ABOUT.test(inSnakes(tail)) || NO_SECRET_BEFORE.test(inSnakes(nameBefore(before)))) {
    return null;
  }
  if (/\s/u.test(secret) || HAS_FORM.test(secret) || IS_CODE.test(secret)) return null;
  if (isPlaceholder(secret)) return null;
  if (isStrong(secret) && /\d/u.test(secret)) return softer(path);
  if (!PASSWORD_NAME.test(name) || !isPassword(secret)) return null;
  return isGoodPassword(secret) ? softer(path) : "warn";
}

/** True for what chance made, and which is long enough to be worth it. */
export function isStrong(secret: string): boolean {
  return (
    secret.length >= STRONG_LENGTH_MIN &&
    entropyBits(secret) >= STRONG_ENTROPY_MIN &&
    !looksLikeWords(secret)
  );
}

function nameBefore(before: string): string {
  return /[\w.-]{0,60}$/u.exec(before)?.[0] as string;
}

/** `nextPageToken` and `NEXT_PAGE_TOKEN` as `next_page_token`. */
function inSnakes(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/gu, "_").toLowerCase();
}

/** Something that a person could have thought of as a password. */
function isPassword(secret: string): boolean {
  if (secret.length < PASSWORD_LENGTH_MIN || !/[A-Za-z]/u.test(secret)) return false;
  if (entropyBits(secret) < PASSWORD_ENTROPY_MIN) return false;
  return /[\d!#$%&*?@^]/u.test(secret) || isGoodPassword(secret);
}

/** A password that is not made of words, of letters in both cases or with digits among them. */
function isGoodPassword(secret: string): boolean {
  return (
    secret.length >= GOOD_PASSWORD_LENGTH_MIN &&
    entropyBits(secret) >= GOOD_PASSWORD_ENTROPY_MIN &&
    (/[A-Za-z]\d{1,4}[A-Za-z]/u.test(secret) || (/[A-Z]/u.test(secret) && /[a-z]/u.test(secret))) &&
    !looksLikeWords(secret)
  );
}
