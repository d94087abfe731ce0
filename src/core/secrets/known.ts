import { formsOf } from "./forms.ts";

/** A secret that the daemon knows, because it was configured with it. */
export interface KnownSecret {
  /** Where it comes from, such as the name of a variable. */
  readonly name: string;
  readonly value: string;
}

/** A place where a known secret stands. */
export interface KnownHit {
  readonly name: string;
  /** The form in which it stands there. */
  readonly form: string;
  readonly length: number;
  readonly start: number;
  readonly end: number;
}

/** Shorter values are not looked for: they stand in every text. */
const VALUE_MIN_LENGTH = 8;
/** From this length on, one line of a secret with several lines is a secret of its own. */
const LINE_MIN_LENGTH = 16;
/** Values of variables that are no secret whatever their name says. */
const HARMLESS: ReadonlySet<string> = new Set(
  (
    "changeit changeme password password1 postgres postgresql localhost 127.0.0.1 username " +
    "development production staging disabled undefined required optional anonymous keychain " +
    "osxkeychain libsecret always-auth credential credentials interactive"
  ).split(" "),
);
const SECRET_NAME = /PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|COOKIE|WEBHOOK|DSN/u;
const NO_SECRET_NAME =
  /(?:_SOCK|_FILE|_PATH|_DIR|_HOME|_ID|_NAME|_USER|_TYPE|_METHOD|_URL|_URI|_HOST|_PORT)$|ASKPASS|PUBLIC|AUTHOR|KEYBOARD|KEYMAP|MONKEY|PWD$/u;
const PASSWORD_IN_ADDRESS = /^[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@]*:(?<password>[^\s@/]+)@/iu;

/** The secrets among the variables of an environment: by their names, and passwords in addresses. */
export function secretsOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): readonly KnownSecret[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const password = PASSWORD_IN_ADDRESS.exec(value)?.groups?.["password"];
    const capitals = name.toUpperCase();
    const isNamed = SECRET_NAME.test(capitals) && !NO_SECRET_NAME.test(capitals);
    const values = [isNamed ? value : undefined, password];
    return values.flatMap((each) => (each === undefined ? [] : [{ name, value: each }]));
  });
}

/** Finds every known secret of a text, in every form; stops at `max`. */
export type KnownFinder = (text: string, max: number) => readonly KnownHit[];

/** Makes what finds these secrets. */
export function knownFinder(known: readonly KnownSecret[]): KnownFinder {
  const wanted = wantedForms(known);
  return (text, max) => {
    const hits: KnownHit[] = [];
    for (const [form, { name, length }] of wanted) {
      let start = text.indexOf(form);
      while (start !== -1 && hits.length < max) {
        const end = start + form.length;
        hits.push({ name, form, length, start, end });
        start = text.indexOf(form, end);
      }
    }
    return hits;
  };
}

interface Wanted {
  readonly name: string;
  readonly length: number;
}

function wantedForms(known: readonly KnownSecret[]): ReadonlyMap<string, Wanted> {
  const forms = known
    .flatMap(({ name, value }) => partsOf(value).map((part) => ({ name, part })))
    .flatMap(({ name, part }) =>
      formsOf(part).map((form): [string, Wanted] => [form, { name, length: part.length }]),
    );
  return new Map(forms);
}

function partsOf(value: string): readonly string[] {
  const whole = value.trim();
  if (whole.length < VALUE_MIN_LENGTH || HARMLESS.has(whole.toLowerCase())) return [];
  if (new Set(whole).size === 1) return [];
  const lines = whole.split(/\r?\n/u).map((line) => line.trim());
  return [whole, ...lines.filter((line) => line.length >= LINE_MIN_LENGTH && !isKeyMark(line))];
}

/** The first and last line of a key are in every key. */
function isKeyMark(line: string): boolean {
  return line.startsWith("-----");
}
