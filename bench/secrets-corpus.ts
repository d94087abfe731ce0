import type { KnownSecret } from "../src/core/secrets/known.ts";
import type { ScannedText } from "../src/core/secrets/finding.ts";
import { fileText } from "../src/core/secrets/file-texts.ts";
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

/** A text with a secret on a line, and the same without one. */
export interface Pair {
  readonly family: string;
  readonly positive: ScannedText;
  /** Line of the secret; null outside of files. */
  readonly line: number | null;
  readonly negative: ScannedText;
}

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

/** The same lines around two lines. */
function inside(
  chance: Chance,
  family: string,
  { path, lines }: Pick<Surrounding, "path" | "lines">,
  secretLine: string,
  twinLine: string,
): Pair {
  const around = lines(chance);
  const at = chance.below(around.length + 1);
  const textWith = (line: string): ScannedText => ({
    where: { kind: "file", path },
    text: [...around.slice(0, at), line, ...around.slice(at)].join("\n"),
  });
  const [positive, negative] = [textWith(secretLine), textWith(twinLine)];
  return { family, positive, line: at + 1, negative };
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

/** Tokens split over lines, wrapped in base64, in UTF-16 and in binary files. */
function disguises(chance: Chance): readonly Pair[] {
  const wide = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, "utf16le");
  const wrapped = (text: string): string =>
    (
      Buffer.from(text)
        .toString("base64")
        .match(/.{1,76}/gu) ?? []
    ).join("\n");
  const binary = (text: string): Uint8Array =>
    Buffer.concat([
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 0xff]),
      Buffer.from(text),
      Buffer.from([0, 0xfe]),
    ]);
  return tokenPairs(chance)
    .filter((_pair, index) => index % 3 === 0)
    .flatMap(({ secret, twin }, index): readonly Pair[] => {
      const pair = (family: string, path: string, write: (value: string) => string): Pair => ({
        family,
        positive: { where: { kind: "file", path }, text: write(secret) },
        line: 1,
        negative: { where: { kind: "file", path }, text: write(twin) },
      });
      const cut = Math.floor(secret.length / 2);
      const bytes = index % 2 === 0 ? wide : binary;
      return [
        pair(
          "split over lines",
          "src/a.ts",
          (v) => `const a = "${v.slice(0, cut)}" +\n  "${v.slice(cut)}";`,
        ),
        pair("split over lines", "run.sh", (v) => `A=${v.slice(0, cut)}\\\n${v.slice(cut)}`),
        pair(
          "base64",
          "values.yaml",
          (v) => `data: ${Buffer.from(`{"token":"${v}"}`).toString("base64")}`,
        ),
        pair("base64", "mail.eml", (v) =>
          wrapped(`Hello,\n\nplease use ${v} for the service and tell nobody about it.\n`),
        ),
        {
          family: "UTF-16 and binary",
          positive: fileText("export.reg", bytes(`token=${secret}`)),
          line: 1,
          negative: fileText("export.reg", bytes(`token=${twin}`)),
        },
      ];
    });
}

function elsewhere(chance: Chance): readonly Pair[] {
  return tokenPairs(chance)
    .filter(({ secret }, index) => index % 4 === 0 && !secret.includes("/"))
    .flatMap(({ secret, twin }): readonly Pair[] => {
      const pair = (
        kind: "message" | "pull-request" | "file-name",
        write: (value: string) => string,
      ): Pair => ({
        family: "message, pull request, file name",
        positive: { where: { kind }, text: write(secret) },
        line: null,
        negative: { where: { kind }, text: write(twin) },
      });
      return [
        pair("message", (value) => `Try the service\n\nIt answers with ${value}.`),
        pair("pull-request", (value) => `## What\n\n* log in with \`${value}\``),
        pair("file-name", (value) => `backup/${value}.json`),
      ];
    });
}

/** The daemon's own secret in every form; the twins hold another value in the same form. */
function knownForms(chance: Chance, value: string): readonly Pair[] {
  const forms: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => JSON.stringify(`${text}\n`),
    (text) => encodeURIComponent(text),
    (text) => encodeURIComponent(text).toLowerCase().replaceAll("%", "%"),
    (text) => new URLSearchParams({ q: text }).toString(),
    (text) => Buffer.from(text).toString("hex"),
    (text) => Buffer.from(text).toString("hex").toUpperCase(),
    (text) => Buffer.from(text).toString("base64"),
    (text) => Buffer.from(`a${text}`).toString("base64"),
    (text) => Buffer.from(`ab${text}c`).toString("base64"),
    (text) => Buffer.from(`user:${text}`).toString("base64url"),
    (text) => `"${text.slice(0, 9)}" +\n  "${text.slice(9)}"`,
  ];
  const other = `some words of no secret ${chance.signs(LOWER, 4)}`;
  return forms
    .filter((form) => form(value).toLowerCase() !== form(value) || form === forms[5])
    .flatMap((form) =>
      [0, 1].map((): Pair => {
        const { path, lines } = chance.pick(SURROUNDINGS);
        return inside(chance, "known secret", { path, lines }, form(value), form(other));
      }),
    );
}

/** Passwords where no name, or an unusual one, stands before them. */
function oddPlaces(chance: Chance): readonly Pair[] {
  const strong = (): string => chance.signs(`${ALNUM}!#%`, 16);
  const makers: readonly (readonly [path: string, write: (value: string) => string])[] = [
    ["db/users.sql", (v) => `CREATE USER app WITH PASSWORD '${v}';`],
    ["db/users.sql", (v) => `ALTER USER app IDENTIFIED BY '${v}';`],
    ["Dockerfile", (v) => `ENV DB_PASSWORD ${v}`],
    ["run.sh", (v) => `sshpass -p '${v}' ssh host`],
    ["run.sh", (v) => `mysql -uroot -p${v} app`],
    ["src/db.ts", (v) => `connect("db.internal.net", "app", "${v}");`],
    ["src/db.ts", (v) => `pool.setPassword("${v}");`],
    ["src/Db.java", (v) => `ds.setPassword("${v}");`],
    ["conf/web.xml", (v) => `<password>${v}</password>`],
    ["conf/web.xml", (v) => `<add key="DbPassword" value="${v}" />`],
    ["src/Db.cs", (v) => `var cs = "Server=db;User Id=app;Password=${v};";`],
    ["deploy/a.yml", (v) => `- name: DB_PASSWORD\n  value: "${v}"`],
  ];
  return makers.flatMap(([path, write]) =>
    [0, 1].map((): Pair => {
      const pair = inside(
        chance,
        "odd place",
        { path, lines: () => [""] },
        write(strong()),
        write("changeme"),
      );
      const isSecond = write("").includes("\n") && pair.line !== null;
      return isSecond ? { ...pair, line: (pair.line ?? 0) + 1 } : pair;
    }),
  );
}

/** Names and values that look like those of secrets; beside a token in the same place. */
function misleading(chance: Chance): readonly Pair[] {
  const uuid = [8, 4, 4, 4, 12].map((length) => chance.signs(HEX, length)).join("-");
  const twins: readonly (readonly [
    path: string,
    write: (value: string) => string,
    twin: string,
  ])[] = [
    ["src/chain.ts", (v) => `const token = "${v}";`, `0x${chance.signs(HEX, 40)}`],
    ["src/keys.ts", (v) => `const authTokenKey = "${v}";`, "app.auth.token.v2.2024"],
    ["src/i18n/en.json", (v) => `  "password": "${v}",`, "Password (at least 8 characters)"],
    ["src/i18n/de.json", (v) => `  "passwordHint": "${v}",`, "Mindestens-12-Zeichen-mit-Ziffern"],
    [
      "k8s/sa.yaml",
      (v) => `  secretName: ${v}`,
      `default-token-${chance.signs(LOWER + DIGITS, 5)}`,
    ],
    ["k8s/app.yaml", (v) => `  secret: ${v}`, `app-tls-${chance.signs(HEX, 10)}`],
    ["src/theme.ts", (v) => `  token: "${v}",`, "color-gray-500-hover-v2"],
    ["src/lexer.ts", (v) => `  { token: "${v}" },`, "TOKEN_STRING_LITERAL_2"],
    ["src/page.ts", (v) => `  nextToken: "${v}",`, chance.signs(BASE64, 40)],
    ["db/seed.ts", (v) => `  passwordHash: "${v}",`, `$2b$10$${chance.signs(ALNUM, 53)}`],
    ["db/seed.sql", (v) => `INSERT INTO t (token_id) VALUES ('${v}');`, uuid],
    [
      "src/css.ts",
      (v) => `  "tokenClass": "${v}",`,
      `css-${chance.signs(LOWER + DIGITS, 8)}-Token`,
    ],
    ["src/client.ts", (v) => `  token: "${v}",`, uuid],
    ["docs/api.md", (v) => `    "token": "${v}"`, "abc123def456ghi789"],
    ["src/flags.ts", (v) => `  apiKey: "${v}",`, "feature.apiKey.enabled.2024-11"],
    ["src/routes.ts", (v) => `  secret: "${v}",`, "/api/v2/secrets/:secretId/rotate"],
    ["src/session.ts", (v) => `  cookieKey: "${v}",`, "__Host-session.v3.production"],
    ["src/build.ts", (v) => `  accessKey: "${v}",`, `main.${chance.signs(HEX, 20)}.js`],
    ["Cargo.lock", (v) => `checksum = "${v}"`, chance.signs(HEX, 64)],
    ["go.sum", (v) => `example.org/token v1.2.3 ${v}`, `h1:${chance.signs(BASE64, 43)}=`],
    [
      "src/sri.html",
      (v) => `<script integrity="${v}" src="token.js"></script>`,
      `sha384-${chance.signs(BASE64, 64)}`,
    ],
    [
      "src/image.css",
      (v) => `.token { background: url(data:image/png;base64,${v}); }`,
      `iVBORw0KGgo${chance.signs(BASE64, 200)}`,
    ],
    ["src/types.ts", (v) => `type Secret = { password: "${v}" };`, "PasswordCredentials2"],
    ["src/errors.ts", (v) => `  token: '${v}',`, "err_token_expired_401_retry"],
  ];
  return twins.map(([path, write, twin]): Pair => {
    const { secret } = chance.pick(tokenPairs(chance).filter((each) => each.family !== "azure"));
    return inside(chance, "misleading", { path, lines: () => [""] }, write(secret), write(twin));
  });
}
