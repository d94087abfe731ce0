import { literal } from "./literal.ts";
import { formsOf } from "./secrets/forms.ts";

/** What stands in the place of a secret. */
const REDACTED = "[redacted]";
/** Shorter values are not searched for: they would hide ordinary words. */
const SECRET_MIN_LENGTH = 6;
/** From this length on, one line of a secret with several lines is a secret of its own. */
const LINE_MIN_LENGTH = 16;

/**
 * Tokens that are known by their look. Here and below every repetition is bounded, because the
 * engine of regular expressions keeps a note for each step of one and a hostile text has millions.
 */
const TOKEN = new RegExp(
  [
    "xox[a-z](?:\\.xox[a-z])?-[\\w-]{8,512}",
    "xapp-[\\w-]{8,512}",
    "sk-ant-[\\w-]{8,512}",
    "gh[pousr]_\\w{16,512}",
    "github_pat_\\w{16,512}",
    "A(?:KI|SI)A[0-9A-Z]{16}",
  ].join("|"),
  "gu",
);

/** A private key, to its end or, when it was cut, as far as it goes. */
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){0,32768}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/gu;

/** What begins like a signed JSON token; never fails after it has begun, so the time is linear. */
const TOKEN_OF_JSON = /eyJ[\w-]{0,16384}(?:\.[\w-]{0,16384}){0,4}/gu;

/**
 * Makes a function that replaces every known secret value in a text, plain, JSON-escaped,
 * URL-encoded or base64 at any place in a longer base64 text, and everything that looks like a
 * token or private key. The time is linear in the text.
 */
export function makeRedactor(secretValues: readonly string[]): (text: string) => string {
  const known = knownPattern(secretValues);
  return (text) => {
    const unknown = known === null ? text : text.replace(known, REDACTED);
    return unknown
      .replace(PRIVATE_KEY, REDACTED)
      .replace(TOKEN, REDACTED)
      .replace(TOKEN_OF_JSON, (match) => (isJsonToken(match) ? REDACTED : match));
  };
}

/** Three parts or more, the first two of some length: a signed or encrypted token. */
function isJsonToken(match: string): boolean {
  const [header = "", payload = "", signature] = match.split(".", 3);
  return header.length >= 10 && payload.length >= 6 && signature !== undefined;
}

function knownPattern(values: readonly string[]): RegExp | null {
  const forms = new Set(values.flatMap(withLines).flatMap(formsOf));
  if (forms.size === 0) return null;
  // Longest first: of two values that begin alike the longer one must win.
  const longestFirst = [...forms].toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(literal).join("|"), "gu");
}

function withLines(value: string): readonly string[] {
  const whole = value.trim();
  if (whole.length < SECRET_MIN_LENGTH) return [];
  const lines = whole.split(/\r?\n/u).map((line) => line.trim());
  return [whole, ...lines.filter((line) => line.length >= LINE_MIN_LENGTH)];
}
