/** A text that stood in another one as base64. */
export interface Base64Text {
  /** Where the base64 begins and ends. */
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** Shorter base64 holds nothing that would be told. */
const RUN_MIN = 24;
/** From this length on a whole line of base64 goes on with the next. */
const WRAPPED_LINE_MIN = 40;
/** So many signs make whole bytes; wrapped lines hold whole groups. */
const SIGNS_OF_GROUP = 4;
/** Characters of a run by which is judged whether it is text. */
const SAMPLE = 64;
/** Control characters that texts do not have. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0001-\u0008\u000e-\u001a\u001c-\u001f\u007f]/u;

const IS_BASE64: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9+/_-]/u.test(String.fromCharCode(code)),
);

/** The texts that stand in `text` as base64, on one line or wrapped over many; what is no text is left out. */
export function base64Texts(text: string): readonly Base64Text[] {
  const found: Base64Text[] = [];
  let at = 0;
  while (at < text.length) {
    const end = runEnd(text, at);
    if (end - at < RUN_MIN) {
      at = end + 1;
      continue;
    }
    const run = wrappedRun(text, at, end);
    const decoded = isText(decode(run.signs.slice(0, SAMPLE))) ? decode(run.signs) : null;
    if (decoded !== null) found.push({ at, end: run.end, text: decoded.replaceAll("\0", "") });
    at = run.end + 1;
  }
  return found;
}

function runEnd(text: string, from: number): number {
  let at = from;
  while (IS_BASE64[text.charCodeAt(at)] === true) at += 1;
  return at;
}

/** A run with those of the next lines, as long as each fills its line. */
function wrappedRun(
  text: string,
  from: number,
  firstEnd: number,
): { readonly signs: string; readonly end: number } {
  const parts = [text.slice(from, firstEnd)];
  let [begin, end] = [from, firstEnd];
  while (end - begin >= WRAPPED_LINE_MIN && (end - begin) % SIGNS_OF_GROUP === 0) {
    const next = nextLine(text, end);
    if (next === null) break;
    const nextEnd = runEnd(text, next);
    parts.push(text.slice(next, nextEnd));
    [begin, end] = [next, nextEnd];
  }
  return { signs: parts.join(""), end };
}

/** Where the next line begins behind its indentation, when this one ends at `at`. */
function nextLine(text: string, at: number): number | null {
  let next = text[at] === "\r" ? at + 1 : at;
  if (text[next] !== "\n") return null;
  next += 1;
  while (text[next] === " " || text[next] === "\t") next += 1;
  return next;
}

function decode(signs: string): string {
  const whole = signs.slice(0, signs.length - (signs.length % SIGNS_OF_GROUP === 1 ? 1 : 0));
  return atob(whole.replaceAll("-", "+").replaceAll("_", "/"));
}

/** Text of any alphabet, in UTF-8 or UTF-16, has no control characters but white space. */
function isText(decoded: string): boolean {
  return !CONTROL.test(decoded);
}
