import type { KnownSecret } from "../src/core/secrets/known.ts";
import { disguises, elsewhere, knownForms, misleading, oddPlaces } from "./secrets-corpus-odd.ts";
import { inside, type Pair } from "./secrets-pair.ts";
import { type Surrounding, SURROUNDINGS } from "./secrets-surroundings.ts";
import {
  ALNUM,
  BASE64,
  type Chance,
  chanceOf,
  DIGITS,
  HEX,
  LOWER,
  tokenPairs,
  URL_SAFE,
} from "./secrets-tokens.ts";

/** The pairs, and the secrets among them that the daemon is told of. */
export interface Corpus {
  readonly pairs: readonly Pair[];
  readonly known: readonly KnownSecret[];
}

/** The whole corpus, the same again for the same seed. No secret in it opens anything. */
export function makeCorpus(seed: number): Corpus {
  const chance = chanceOf(seed);
  const knownValue = `${chance.signs(ALNUM, 20)}/+ ${chance.signs(ALNUM, 6)}`;
  const pairs = [
    ...vendors(chance),
    ...passwords(chance),
    ...generalTokens(chance),
    ...addresses(chance),
    ...keys(chance),
    ...headers(chance),
    ...disguises(chance),
    ...elsewhere(chance),
    ...knownForms(chance, knownValue),
    ...oddPlaces(chance),
    ...misleading(chance),
  ];
  return { pairs, known: [{ name: "DAEMON_TOKEN", value: knownValue }] };
}

const NEUTRAL_NAMES = ["value", "clientConfig", "apiKey", "token", "authToken", "credentials", "x"];

function vendors(chance: Chance): readonly Pair[] {
  return [0, 1, 2, 3].flatMap(() =>
    tokenPairs(chance).map(({ family, secret, twin }) => {
      const surrounding = chance.pick(SURROUNDINGS);
      const name = chance.pick(NEUTRAL_NAMES);
      const [a, b] = [surrounding.assign(name, secret), surrounding.assign(name, twin)];
      return inside(chance, `vendor: ${family}`, surrounding, a, b);
    }),
  );
}

const NOUNS = ["Summer", "Winter", "Dragon", "Berlin", "Monkey", "Coffee", "Rocket", "Tiger"];
const PASSWORD_NAMES = ["password", "dbPassword", "smtpPass", "adminPassword", "passwd", "userPwd"];

/** What people type: of chance, of a word with digits, of words alone. */
function passwords(chance: Chance): readonly Pair[] {
  const makers: readonly (() => string)[] = [
    () => chance.signs(`${ALNUM}!#%&*?`, 12),
    () => chance.signs(ALNUM, 16),
    () => chance.signs(LOWER + DIGITS, 10),
    () => `${chance.pick(NOUNS)}${2000 + chance.below(30)}!`,
    () => `${chance.pick(NOUNS)}-${chance.pick(NOUNS)}-${chance.pick(NOUNS)}`.toLowerCase(),
  ];
  const twins: readonly (() => string)[] = [
    () => "changeme",
    () => "${DB_PASSWORD}",
    () => "<your-password>",
    () => "********",
    () => "password",
    () => "reset-password-form",
    () => "your_password_here",
    () => "ENC_PASSWORD_FROM_VAULT",
    () => "test1234",
  ];
  return SURROUNDINGS.flatMap((surrounding) =>
    makers.map((make) => {
      const name = chance.pick(PASSWORD_NAMES);
      const [secret, twin] = [make(), chance.pick(twins)()];
      const family = make === makers[4] ? "password of words" : "password";
      return inside(
        chance,
        family,
        surrounding,
        surrounding.assign(name, secret),
        surrounding.assign(name, twin),
      );
    }),
  );
}

const TOKEN_NAMES = ["apiKey", "accessToken", "clientSecret", "secretKey", "signingKey", "token"];

/** Tokens of no shape under a telling name; beside hashes, ids and names. */
function generalTokens(chance: Chance): readonly Pair[] {
  const makers = [
    () => chance.signs(ALNUM, 32),
    () => chance.signs(HEX, 40),
    () => `${chance.signs(BASE64, 43)}=`,
    () => chance.signs(URL_SAFE, 24),
  ];
  const twins: readonly (readonly [name: string, value: () => string])[] = [
    ["tokenHash", () => chance.signs(HEX, 64)],
    ["secretName", () => "app-credentials-production"],
    ["apiKeyHeader", () => "X-Api-Key-Authorization"],
    ["tokenUrl", () => "https://login.example.com/oauth2/v2.0/token"],
    ["publicKey", () => chance.signs(BASE64, 44)],
    ["accessToken", () => "ACCESS_TOKEN_FROM_ENVIRONMENT"],
    ["apiKey", () => "your-api-key-goes-here-1234"],
    ["secretKey", () => "{{ vault_secret_key }}"],
    ["nextPageToken", () => chance.signs(ALNUM, 32)],
    ["integrity", () => `sha384-${chance.signs(BASE64, 64)}`],
    ["requestId", () => chance.signs(HEX, 32)],
    ["clientSecret", () => "00000000-0000-0000-0000-000000000000"],
  ];
  return SURROUNDINGS.flatMap((surrounding) =>
    makers.map((make) => {
      const [name, twin] = chance.pick(twins);
      const secretLine = surrounding.assign(chance.pick(TOKEN_NAMES), make());
      return inside(
        chance,
        "token of no shape",
        surrounding,
        secretLine,
        surrounding.assign(name, twin()),
      );
    }),
  );
}

function addresses(chance: Chance): readonly Pair[] {
  const schemes = [
    "postgres",
    "mysql",
    "mongodb+srv",
    "redis",
    "amqp",
    "https",
    "ftp",
    "smtp",
    "jdbc:sqlserver",
    "clickhouse",
  ];
  const twins = [
    "user:password",
    "USER:PASS",
    "${USER}:${PASS}",
    "<user>:<password>",
    "postgres:postgres",
    "user:***",
  ];
  return schemes.flatMap((scheme) =>
    [0, 1, 2].map(() => {
      const surrounding = chance.pick(SURROUNDINGS);
      const host = `${chance.signs(LOWER, 6)}.internal.net:${1000 + chance.below(9000)}/app`;
      const secret = `${scheme}://svc_${chance.signs(LOWER, 4)}:${chance.signs(`${ALNUM}!$*`, 14)}@${host}`;
      const twin = `${scheme}://${chance.pick(twins)}@${host}`;
      return inside(
        chance,
        "address with a password",
        surrounding,
        surrounding.assign("url", secret),
        surrounding.assign("url", twin),
      );
    }),
  );
}

function keys(chance: Chance): readonly Pair[] {
  const kinds = ["RSA ", "EC ", "", "OPENSSH ", "PGP ", "ENCRYPTED "];
  return kinds.flatMap((kind) =>
    ["deploy/id_rsa", "src/keys.ts", "config/service.json"].map((path) => {
      const tail = kind === "PGP " ? " BLOCK" : "";
      const block = (body: readonly string[]): readonly string[] => [
        `-----BEGIN ${kind}PRIVATE KEY${tail}-----`,
        ...(kind === "PGP " ? [""] : []),
        ...body,
        `-----END ${kind}PRIVATE KEY${tail}-----`,
      ];
      const body = Array.from({ length: 12 }, () => chance.signs(BASE64, 64));
      const write = (lines: readonly string[]): string => {
        if (path.endsWith(".json")) return JSON.stringify({ private_key: lines.join("\n") });
        return path.endsWith(".ts") ? `const pem = \`${lines.join("\n")}\`;` : lines.join("\n");
      };
      const certificate = ["-----BEGIN CERTIFICATE-----", ...body, "-----END CERTIFICATE-----"];
      const twin = chance.pick([block(["..."]), certificate, block(["<key goes here>"])]);
      return inside(
        chance,
        "private key",
        { path, lines: () => [""] },
        write(block(body)),
        write(twin),
      );
    }),
  );
}

function jwt(chance: Chance): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ alg: "HS256", typ: "JWT" });
  const payload = part({
    sub: chance.signs(DIGITS, 10),
    iat: 1_700_000_000 + chance.below(9_999_999),
  });
  return `${header}.${payload}.${chance.signs(URL_SAFE, 43)}`;
}

function headers(chance: Chance): readonly Pair[] {
  const basic = (text: string): string => Buffer.from(text).toString("base64");
  const makers: readonly (() => readonly [string, string])[] = [
    () => [`Authorization: Bearer ${chance.signs(ALNUM, 40)}`, "Authorization: Bearer $TOKEN"],
    () => [`Authorization: Bearer ${jwt(chance)}`, "Authorization: Bearer <token>"],
    () => [
      `Authorization: Basic ${basic(`deploy:${chance.signs(ALNUM, 14)}`)}`,
      `Authorization: Basic ${basic("user:password")}`,
    ],
    () => [
      `curl -u admin:${chance.signs(ALNUM, 14)} https://ci.internal.net`,
      "curl -u $USER:$PASS https://ci.internal.net",
    ],
    () => [
      `tool login --password ${chance.signs(`${ALNUM}!#`, 14)}`,
      "tool login --password-stdin < file",
    ],
    () => [
      `//packages.internal.net/:_authToken=${chance.signs(ALNUM, 36)}`,
      "//packages.internal.net/:_authToken=${NPM_TOKEN}",
    ],
    () => [
      `machine git.internal.net login ci password ${chance.signs(ALNUM, 18)}`,
      "machine git.internal.net login ci password changeme",
    ],
    () => [
      `const session = "${jwt(chance)}";`,
      `const session = "eyJhbGciOiJIUzI1NiJ9.e30.xxxxxxxxxxxxxxxxxxxxxxxxxxxxx";`,
    ],
  ];
  const paths = ["scripts/call.sh", ".npmrc", "src/http.txt.tmpl", "notes/run.log"];
  return makers.flatMap((make) =>
    paths.map((path) =>
      inside(chance, "header and command", { path, lines: CODE_LINES }, ...make()),
    ),
  );
}

const CODE_LINES = (SURROUNDINGS[0] as Surrounding).lines;
